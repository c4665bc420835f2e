/*
 * Sentences, plurals, the browser's language; dates, durations, numbers and
 * telephone numbers in words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/words.h"

static struct arena	 arena;

static int
dispose(void **state)
{
	(void)state;
	arena_dispose(&arena);
	return (0);
}

static void
load(const char *json, bool good)
{
	assert_int_equal(words_load(json, strlen(json)), good);
}

static void
test_catalogue(void **state)
{
	(void)state;
	assert_string_equal(tr(LANG_EN, "Rien"), "Rien");
	load("{\"Rien\": \"Nothing\", \"{n} appel\": \"{n} call\","
	    "\"{n} appels\": \"{n} calls\","
	    "\"« {} » : si ; où ? Non !\": \"No\"}", true);
	assert_string_equal(tr(LANG_FR, "Rien"), "Rien");
	assert_string_equal(tr(LANG_EN, "Rien"), "Nothing");
	assert_string_equal(tr(LANG_EN, "Autre"), "Autre");
	assert_string_equal(tr(LANG_EN, ""), "");
	/* Spaces before punctuation become no-break spaces. */
	assert_string_equal(tr(LANG_FR, "« {} » : si ; où ? Non !"),
	    "«\u00a0{}\u00a0»\u00a0: si\u202f; où\u202f? Non\u202f!");
	/* A refused catalogue changes nothing. */
	load("", false);
	load("[]", false);
	load("{\"a\": 1}", false);
	load("{\"a\": {\"b\": \"c\"}}", false);
	load("{\"a\": \"b\", \"a\": \"c\"}", false);
	load("{\"a\": \"b\"} x", false);
	assert_string_equal(tr(LANG_EN, "Rien"), "Nothing");
}

static void
expect_count(enum lang lang, int64_t n, const char *want)
{
	assert_string_equal(tr_count(&arena, lang, n, "{n} appel",
	    "{n} appels"), want);
}

static void
test_count(void **state)
{
	(void)state;
	load("{\"{n} appel\": \"{n} call\", \"{n} appels\": \"{n} calls\"}",
	    true);
	expect_count(LANG_FR, 0, "0 appel");
	expect_count(LANG_FR, 1, "1 appel");
	expect_count(LANG_FR, 2, "2 appels");
	expect_count(LANG_FR, 1234, "1\u202f234 appels");
	expect_count(LANG_EN, 0, "0 calls");
	expect_count(LANG_EN, 1, "1 call");
	expect_count(LANG_EN, 2, "2 calls");
	expect_count(LANG_EN, 1234, "1,234 calls");
	assert_string_equal(tr_count(&arena, LANG_FR, 3, "un", "{n}/{n}{"),
	    "3/3{");
	assert_string_equal(tr_count(&arena, LANG_FR, 1, "un seul", "{n}"),
	    "un seul");
}

static void
test_accept(void **state)
{
	enum lang	 lang = LANG_FR;

	(void)state;
	assert_string_equal(lang_tag(LANG_FR), "fr");
	assert_string_equal(lang_tag(LANG_EN), "en");
	assert_true(lang_of_tag("en", &lang) && lang == LANG_EN);
	assert_true(lang_of_tag("fr", &lang) && lang == LANG_FR);
	assert_false(lang_of_tag("EN", &lang) || lang_of_tag("", &lang) ||
	    lang_of_tag(NULL, &lang));
	assert_int_equal(lang_accept(NULL), LANG_FR);
	assert_int_equal(lang_accept(""), LANG_FR);
	assert_int_equal(lang_accept("de, es;q=0.5"), LANG_FR);
	assert_int_equal(lang_accept("en"), LANG_EN);
	assert_int_equal(lang_accept("EN-us"), LANG_EN);
	assert_int_equal(lang_accept("en-US,en;q=0.9,fr;q=0.8"), LANG_EN);
	assert_int_equal(lang_accept("fr-CA,fr;q=0.9,en;q=0.8"), LANG_FR);
	assert_int_equal(lang_accept("en;q=0.8 , fr;q=0.9"), LANG_FR);
	assert_int_equal(lang_accept("fr;q=0.8,en;q=0.801"), LANG_EN);
	assert_int_equal(lang_accept("fr,en"), LANG_FR);
	assert_int_equal(lang_accept("en,fr"), LANG_EN);
	assert_int_equal(lang_accept("de,en;q=0.1"), LANG_EN);
	assert_int_equal(lang_accept("*"), LANG_FR);
	assert_int_equal(lang_accept("fr;q=0, *"), LANG_EN);
	assert_int_equal(lang_accept("en;q=0"), LANG_FR);
	assert_int_equal(lang_accept("en;q=0,fr;q=0"), LANG_FR);
	assert_int_equal(lang_accept("*;q=0.5, en;q=0.4"), LANG_FR);
	assert_int_equal(lang_accept("eng, enx"), LANG_FR);
	assert_int_equal(lang_accept("en ; q=1.000"), LANG_EN);
}

static void
test_accept_hostile(void **state)
{
	(void)state;
	assert_int_equal(lang_accept(",,,;;;,en"), LANG_EN);
	assert_int_equal(lang_accept("en;q"), LANG_FR);
	assert_int_equal(lang_accept("en;q="), LANG_FR);
	assert_int_equal(lang_accept("en;q=2"), LANG_FR);
	assert_int_equal(lang_accept("en;q=1.5"), LANG_FR);
	assert_int_equal(lang_accept("en;q=0.12345"), LANG_FR);
	assert_int_equal(lang_accept("en;q=-1"), LANG_FR);
	assert_int_equal(lang_accept("en;level=1"), LANG_FR);
	assert_int_equal(lang_accept(";q=1"), LANG_FR);
}

static void
test_dates(void **state)
{
	const struct civil	 when = { 2026, 7, 30, 17, 14, 5, 4 };
	const struct civil	 first = { 2025, 8, 1, 9, 5, 0, 5 };
	const struct civil	 leap = { 2024, 2, 29, 0, 0, 0, 4 };

	(void)state;
	assert_string_equal(words_date_short(&arena, LANG_FR, when, when),
	    "30/07, 17:14");
	assert_string_equal(words_date_short(&arena, LANG_EN, when, when),
	    "30 Jul, 17:14");
	assert_string_equal(words_date_short(&arena, LANG_FR, first, when),
	    "01/08/2025, 09:05");
	assert_string_equal(words_date_short(&arena, LANG_EN, first, when),
	    "1 Aug 2025, 09:05");
	assert_string_equal(words_date_long(&arena, LANG_FR, when),
	    "jeudi 30 juillet 2026 à 17:14");
	assert_string_equal(words_date_long(&arena, LANG_EN, when),
	    "Thursday 30 July 2026 at 17:14");
	assert_string_equal(words_date_long(&arena, LANG_FR, first),
	    "vendredi 1er août 2025 à 09:05");
	assert_string_equal(words_date_long(&arena, LANG_EN, first),
	    "Friday 1 August 2025 at 09:05");
	assert_string_equal(words_date_long(&arena, LANG_FR, leap),
	    "jeudi 29 février 2024 à 00:00");
	assert_string_equal(words_day(&arena, LANG_FR, when), "30 juillet");
	assert_string_equal(words_day(&arena, LANG_FR, first), "1er août");
	assert_string_equal(words_day(&arena, LANG_EN, first), "1 August");
}

static void
test_durations(void **state)
{
	(void)state;
	assert_string_equal(words_duration(&arena, -1), "00:00");
	assert_string_equal(words_duration(&arena, 0), "00:00");
	assert_string_equal(words_duration(&arena, 999), "00:00");
	assert_string_equal(words_duration(&arena, 62000), "01:02");
	assert_string_equal(words_duration(&arena, 3599999), "59:59");
	assert_string_equal(words_duration(&arena, 3600000), "1:00:00");
	assert_string_equal(words_duration(&arena, 3662000), "1:01:02");
	assert_string_equal(words_duration(&arena, 360000000), "100:00:00");
}

static void
expect_spoken(int64_t ms, const char *french, const char *english)
{
	assert_string_equal(words_duration_spoken(&arena, LANG_FR, ms),
	    french);
	assert_string_equal(words_duration_spoken(&arena, LANG_EN, ms),
	    english);
}

static void
test_spoken(void **state)
{
	(void)state;
	expect_spoken(-5, "0 seconde", "0 seconds");
	expect_spoken(0, "0 seconde", "0 seconds");
	expect_spoken(1999, "1 seconde", "1 second");
	expect_spoken(59000, "59 secondes", "59 seconds");
	expect_spoken(60000, "1 minute", "1 minute");
	expect_spoken(83000, "1 minute 23", "1 minute 23");
	expect_spoken(120000, "2 minutes", "2 minutes");
	expect_spoken(3600000, "1 heure", "1 hour");
	expect_spoken(3603000, "1 heure 3 secondes", "1 hour 3 seconds");
	expect_spoken(3723000, "1 heure 2 minutes 3", "1 hour 2 minutes 3");
	expect_spoken(7260000, "2 heures 1 minute", "2 hours 1 minute");
}

static void
test_numbers(void **state)
{
	(void)state;
	assert_string_equal(words_number(&arena, LANG_FR, 0), "0");
	assert_string_equal(words_number(&arena, LANG_FR, 999), "999");
	assert_string_equal(words_number(&arena, LANG_FR, 12345),
	    "12\u202f345");
	assert_string_equal(words_number(&arena, LANG_EN, 12345), "12,345");
	assert_string_equal(words_number(&arena, LANG_EN, 123456),
	    "123,456");
	assert_string_equal(words_number(&arena, LANG_EN, -123456),
	    "-123,456");
	assert_string_equal(words_number(&arena, LANG_EN, INT64_MIN),
	    "-9,223,372,036,854,775,808");
	assert_string_equal(words_number(&arena, LANG_FR, INT64_MAX),
	    "9\u202f223\u202f372\u202f036\u202f854\u202f775\u202f807");
}

static void
expect_phone(const char *e164, const char *want)
{
	assert_string_equal(words_phone(&arena, e164), want);
}

static void
test_phones(void **state)
{
	(void)state;
	expect_phone("+33613241088", "06 13 24 10 88");
	expect_phone("+33123456789", "01 23 45 67 89");
	expect_phone("+262692123456", "06 92 12 34 56");
	expect_phone("+3361324108", "+33 613 241 08");
	expect_phone("+442079460000", "+44 207 946 0000");
	expect_phone("+15551234567", "+1 555 123 4567");
	expect_phone("+352621123456", "+352 621 123 456");
	expect_phone("+3212345", "+32 123 45");
	expect_phone("+123456789012345", "+1 234 567 890 123 45");
	/* Not E.164: unchanged. */
	expect_phone("", "");
	expect_phone("+", "+");
	expect_phone("3900", "3900");
	expect_phone("0613241088", "0613241088");
	expect_phone("+33", "+33");
	expect_phone("+1234567890123456", "+1234567890123456");
	expect_phone("+33<b>13241088", "+33<b>13241088");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_catalogue),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_accept),
		cmocka_unit_test(test_accept_hostile),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_spoken),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_phones),
	};

	return (cmocka_run_group_tests(tests, NULL, dispose));
}
