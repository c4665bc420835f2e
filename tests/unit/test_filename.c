/*
 * Names of downloaded files: examples of the guide, hostile names, long names,
 * and both forms of the header.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/filename.h"
#include "base/text.h"

static struct arena	a;

static int
teardown(void **state)
{
	(void)state;
	arena_dispose(&a);
	return (0);
}

static const char *
one(const char *part, const char *ending)
{
	return (filename_make(&a, &part, 1, ending));
}

static void
test_parts(void **state)
{
	const char	*parts[] = { "2026-07-30 17h14", "06 13 24 10 88",
			    "Ursule Nadal", "Problème de facturation" };
	const char	*some[] = { "2026-07-30 17h14", NULL, "  ", "Fin" };

	(void)state;
	assert_string_equal(filename_make(&a, parts, 4, ".mp3"),
	    "2026-07-30 17h14 - 06 13 24 10 88 - Ursule Nadal - "
	    "Problème de facturation.mp3");
	assert_string_equal(filename_make(&a, some, 4, ".pdf"),
	    "2026-07-30 17h14 - Fin.pdf");
	assert_string_equal(filename_make(&a, some + 1, 2, ".pdf"), "_.pdf");
}

static void
test_hostile(void **state)
{
	static const char *const names[][2] = {
		{ "a<b>c:d\"e/f\\g|h?i*j", "a b c d e f g h i j" },
		{ "../../etc/passwd", "etc passwd" },
		{ "...caché", "caché" },
		{ "fin. . .", "fin" },
		{ "a\r\nSet-Cookie: b\t\x1b[1m\x7f", "a Set-Cookie b [1m" },
		{ "\xc2\x80\xc2\x9f x\xc2\xa0y\xe2\x80\xa8z", "x y z" },
		{ "\xe2\x80\xaegnp.exe\xe2\x80\xac", "gnp.exe" },
		{ "x\xe2\x81\xa6y\xe2\x81\xa9\xe2\x80\x8bz\xef\xbb\xbf",
		    "xyz" },
		{ "\xf3\xa0\x80\xa1z", "z" },
		{ "CON", "_CON" }, { "nul.x", "_nul.x" },
		{ "com1", "_com1" }, { "LPT\xc2\xb9", "_LPT\xc2\xb9" },
		{ "Aux .b", "_Aux .b" }, { "CONSEIL", "CONSEIL" },
		{ "com12", "com12" }, { "conin$", "_conin$" },
		{ "\xf0\x9f\x98\x80 ok", "\xf0\x9f\x98\x80 ok" },
		{ "", "_" }, { " . ", "_" }, { "\xe2\x80\x8e", "_" },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_string_equal(one(names[i][0], ""), names[i][1]);
}

/* A long name is cut to the allowed bytes, between two characters. */
static void
test_long(void **state)
{
	char		 text[1201];
	const char	*parts[3] = { text, text, "sujet" }, *name;
	size_t		 i, n;

	(void)state;
	for (i = 0; i < 1200; i += 3)
		memcpy(text + i, "\xe2\x82\xac", 3);
	text[1200] = '\0';
	for (n = 0; n < 3; n++) {
		name = one(text + 3 * n, &".mp3"[n]);
		assert_true(strlen(name) <= FILENAME_MAX_BYTES);
		assert_true(strlen(name) >= FILENAME_MAX_BYTES - 4);
		assert_true(utf8_valid(name, strlen(name)));
	}
	name = filename_make(&a, parts, 3, ".zip");
	assert_non_null(strstr(name, " - sujet.zip"));
}

static void
test_header(void **state)
{
	(void)state;
	assert_string_equal(filename_disposition(&a, "attachment", "a b.mp3"),
	    "attachment; filename=\"a b.mp3\"");
	assert_string_equal(filename_disposition(&a, "inline",
	    "Été – l’œuvre.pdf"), "inline; filename=\"Ete - l'oeuvre.pdf\"; "
	    "filename*=UTF-8''%C3%89t%C3%A9%20%E2%80%93%20l%E2%80%99"
	    "%C5%93uvre.pdf");
	assert_string_equal(filename_disposition(&a, "attachment",
	    "50% \"x\" \xf0\x9f\x98\x80\r\n"), "attachment; "
	    "filename=\"50_ _x_ ___\"; filename*=UTF-8''50%25%20%22x%22%20"
	    "%F0%9F%98%80%0D%0A");
	assert_string_equal(filename_disposition(&a, "attachment",
	    "\xc3\x80\xc3\x9f\xc4\x80\xc5\xbf"), "attachment; "
	    "filename=\"AssAs\"; filename*=UTF-8''%C3%80%C3%9F%C4%80%C5%BF");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_header),
	};

	return (cmocka_run_group_tests(tests, NULL, teardown));
}
