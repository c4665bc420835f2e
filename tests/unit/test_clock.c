/*
 * RFC 3339, the calendar, and time zones: known instants around each kind of
 * change, and a comparison with the C library on the same files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/zone.h"

static int64_t
instant(const char *s)
{
	int64_t	 ms;

	if (!clock_parse_utc(s, &ms))
		fail_msg("not an instant: %s", s);
	return (ms);
}

/* Checks the local time of the zone at the instant. */
static void
expect(const char *zone, const char *when, const char *want)
{
	struct civil	 c;
	char		 got[64];

	c = zone_civil(zone_get(zone), instant(when));
	(void)snprintf(got, sizeof(got), "%04d-%02d-%02d %02d:%02d:%02d w%d",
	    c.year, c.month, c.day, c.hour, c.minute, c.second, c.weekday);
	assert_string_equal(got, want);
}

static void
test_clocks(void **state)
{
	int64_t	 before;

	(void)state;
	before = clock_mono_ms();
	assert_true(clock_mono_ms() >= before);
	/* Between 2024 and 2100, if the clock is set. */
	assert_in_range(clock_now_ms(), 1704067200000, 4102444800000);
}

static void
test_format(void **state)
{
	char	 out[25];

	(void)state;
	clock_format_utc(0, out);
	assert_string_equal(out, "1970-01-01T00:00:00.000Z");
	clock_format_utc(-1, out);
	assert_string_equal(out, "1969-12-31T23:59:59.999Z");
	clock_format_utc(1785424445250, out);
	assert_string_equal(out, "2026-07-30T15:14:05.250Z");
	clock_format_utc(1709164800000, out);
	assert_string_equal(out, "2024-02-29T00:00:00.000Z");
	clock_format_utc(INT64_MAX, out);
	assert_string_equal(out, "9999-12-31T23:59:59.999Z");
	clock_format_utc(INT64_MIN, out);
	assert_string_equal(out, "0001-01-01T00:00:00.000Z");
}

static void
test_parse(void **state)
{
	(void)state;
	assert_true(instant("1970-01-01T00:00:00Z") == 0);
	assert_true(instant("2026-07-30T15:14:05.250Z") == 1785424445250);
	assert_true(instant("2026-07-30t17:14:05.25+02:00") == 1785424445250);
	assert_true(instant("2026-07-30T09:44:05.25-05:30") == 1785424445250);
	assert_true(instant("2026-07-30T15:14:05.250999999z") ==
	    1785424445250);
	assert_true(instant("2026-07-30 15:14:05.250999999999999999Z") ==
	    1785424445250);
	assert_true(instant("1969-12-31T23:59:59.999Z") == -1);
	assert_true(instant("2016-12-31T23:59:60Z") == 1483228800000);
	assert_true(instant("2024-02-29T00:00:00-00:00") == 1709164800000);
	assert_true(instant("0001-01-01T00:00:00Z") == -62135596800000);
	assert_true(instant("2026-07-30T15:14:05+15:59") == 1785366905000);
	assert_true(instant("9999-12-31T23:59:59.999Z") == 253402300799999);
}

static void
test_parse_odd(void **state)
{
	static const char	*const odd[] = {
		"", "2026-07-30", "2026-07-30_15:14:05Z",
		"2026-07-30T15:14:05", "2026-07-30T15:14Z",
		"2026-07-30T15:14:05.Z",
		"2026-07-30T15:14:05.1234567890123456789012345678901Z",
		"2026-07-30T15:14:05,5Z", "2026-07-30T24:00:00Z",
		"2026-07-30T15:60:00Z", "2026-07-30T15:14:61Z",
		"2026-07-30T15:14:60Z", "2026-07-30T15:14:05+0200",
		"2026-07-30T15:14:05+02", "2026-07-30T15:14:05+16:00",
		"0000-01-01T00:00:00Z", "2026-07-30T15:14:05-23:59",
		"2026-07-30T15:14:05+02:60", "2026-07-30T15:14:05Zx",
		" 2026-07-30T15:14:05Z", "2026-02-29T00:00:00Z",
		"2026-00-10T00:00:00Z", "2026-13-10T00:00:00Z",
		"2026-04-31T00:00:00Z", "2026-7-30T15:14:05Z",
		"+2026-07-30T15:14:05Z", "26-07-30T15:14:05Z",
		"2026-07-30T1:14:05Z", "２026-07-30T15:14:05Z"
	};
	int64_t			 ms;
	char			*copy;
	size_t			 i;

	(void)state;
	/* in a block of its own, so that ASan sees a read behind its end */
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		assert_non_null(copy = strdup(odd[i]));
		if (clock_parse_utc(copy, &ms))
			fail_msg("accepted: %s", odd[i]);
		free(copy);
	}
}

static void
test_valid_day(void **state)
{
	static const char	*const odd[] = {
		"", "2026-02-29", "1900-02-29", "2100-02-29", "2026-02-30",
		"2026-00-01", "2026-01-00", "2026-13-01", "2026-06-31",
		"0000-01-01", "2026-1-1", "20260101", "2026-01-01 ",
		"2026-01-01T", "-026-01-01", "26-01-01", "aaaa-bb-cc",
		"2026/01/01"
	};
	size_t			 i;

	(void)state;
	assert_true(clock_valid_day("2024-02-29"));
	assert_true(clock_valid_day("2000-02-29"));
	assert_true(clock_valid_day("2026-12-31"));
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		if (clock_valid_day(odd[i]))
			fail_msg("accepted: %s", odd[i]);
	}
}

/* Each day from 1583 to 2600 follows the one before. */
static void
test_calendar(void **state)
{
	struct civil	 c, before;
	int64_t		 day, first, last;

	(void)state;
	first = clock_days(1583, 1, 1);
	last = clock_days(2600, 12, 31);
	before = clock_civil((first - 1) * 86400);
	for (day = first; day <= last; day++) {
		c = clock_civil(day * 86400 + 86399);
		assert_true(clock_days(c.year, c.month, c.day) == day);
		assert_int_equal(c.weekday, (before.weekday + 1) % 7);
		assert_int_equal(c.hour, 23);
		if (c.day != before.day + 1)
			assert_int_equal(c.day, 1);
		before = c;
	}
	assert_int_equal(clock_civil(0).weekday, 4);
}

static void
test_paris(void **state)
{
	(void)state;
	/* Into summer time, 29 March 2026: 02:00 becomes 03:00. */
	expect("Europe/Paris", "2026-03-29T00:59:59.999Z",
	    "2026-03-29 01:59:59 w0");
	expect("Europe/Paris", "2026-03-29T01:00:00Z",
	    "2026-03-29 03:00:00 w0");
	/* Out of summer time, 25 October 2026: 03:00 becomes 02:00. */
	expect("Europe/Paris", "2026-10-25T00:59:59Z",
	    "2026-10-25 02:59:59 w0");
	expect("Europe/Paris", "2026-10-25T01:00:00Z",
	    "2026-10-25 02:00:00 w0");
	expect("Europe/Paris", "2024-02-29T23:00:00Z",
	    "2024-03-01 00:00:00 w5");
	expect("Europe/Paris", "2026-12-31T23:00:00Z",
	    "2027-01-01 00:00:00 w5");
	/* After the table, by the rule of the footer. */
	expect("Europe/Paris", "2050-03-27T00:59:59Z",
	    "2050-03-27 01:59:59 w0");
	expect("Europe/Paris", "2050-03-27T01:00:00Z",
	    "2050-03-27 03:00:00 w0");
	expect("Europe/Paris", "2050-10-30T01:00:00Z",
	    "2050-10-30 02:00:00 w0");
	/* Before the table: local mean time, +0:09:21. */
	expect("Europe/Paris", "1880-01-01T00:00:00Z",
	    "1880-01-01 00:09:21 w4");
}

static void
test_new_york(void **state)
{
	(void)state;
	expect("America/New_York", "2026-03-08T06:59:59Z",
	    "2026-03-08 01:59:59 w0");
	expect("America/New_York", "2026-03-08T07:00:00Z",
	    "2026-03-08 03:00:00 w0");
	expect("America/New_York", "2026-11-01T05:59:59Z",
	    "2026-11-01 01:59:59 w0");
	expect("America/New_York", "2026-11-01T06:00:00Z",
	    "2026-11-01 01:00:00 w0");
	expect("America/New_York", "2060-07-04T16:00:00Z",
	    "2060-07-04 12:00:00 w0");
}

static void
test_unknown_zone(void **state)
{
	static const char	*const odd[] = {
		"", "Europe/Nowhere", "../../../etc/passwd", "/etc/localtime",
		"Europe/../UTC", "Europe", "zone.tab", "Europe/Paris\n",
		"a b",
		"A/345678901234567890123456789012"
		"34567890123456789012345678901234"
	};
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		expect(odd[i], "2026-07-30T15:14:05Z",
		    "2026-07-30 15:14:05 w4");
	assert_ptr_equal(zone_get("Europe/Paris"), zone_get("Europe/Paris"));
}

/* Compares local times with the C library, which reads the same files, over the
 * tables and long after them. */
static void
compare(const char *name)
{
	const struct zone	*z;
	struct civil		 c;
	struct tm		 tm;
	time_t			 t;
	int64_t			 step;

	assert_int_equal(setenv("TZ", name, 1), 0);
	tzset();
	z = zone_get(name);
	step = 8 * 3600 + 1801;
	for (t = -3000000000; t < 5000000000; t += step) {
		assert_non_null(localtime_r(&t, &tm));
		c = zone_civil(z, (int64_t)t * 1000 + 999);
		if (c.year != tm.tm_year + 1900 || c.month != tm.tm_mon + 1 ||
		    c.day != tm.tm_mday || c.hour != tm.tm_hour ||
		    c.minute != tm.tm_min || c.second != tm.tm_sec ||
		    c.weekday != tm.tm_wday)
			fail_msg("%s at %lld: %02d:%02d, not %02d:%02d", name,
			    (long long)t, c.hour, c.minute, tm.tm_hour,
			    tm.tm_min);
	}
}

static void
test_library(void **state)
{
	(void)state;
	compare("UTC");
	compare("Europe/Paris");
	compare("Europe/Dublin");		/* negative summer time */
	compare("America/New_York");
	compare("America/Sao_Paulo");
	compare("America/St_Johns");		/* offsets of half hours */
	compare("America/Nuuk");		/* changes before midnight */
	compare("Australia/Lord_Howe");		/* summer time: 30 minutes */
	compare("Asia/Kathmandu");
	compare("Pacific/Auckland");
	compare("Pacific/Apia");		/* skipped a day */
	compare("Africa/Casablanca");		/* changes around Ramadan */
	compare("Indian/Reunion");
}

static void
expect_rule(const char *text, const char *when, int hours)
{
	struct zone_rule	 r;

	if (!zone_rule_parse(&r, text))
		fail_msg("refused: %s", text);
	assert_int_equal(zone_rule_offset(&r, instant(when) / 1000),
	    hours * 3600);
}

static void
test_rules(void **state)
{
	(void)state;
	expect_rule("UTC0", "2026-07-01T00:00:00Z", 0);
	expect_rule("<+07>-7", "2026-07-01T00:00:00Z", 7);
	expect_rule("AAA0:00:00BBB-1:00:00,J1/0:0:0,J365/25",
	    "2026-07-01T00:00:00Z", 1);
	expect_rule("<-03>3", "2026-07-01T00:00:00Z", -3);
	expect_rule("NZST-12NZDT,M9.5.0,M4.1.0/3", "2026-01-01T00:00:00Z",
	    13);
	expect_rule("NZST-12NZDT,M9.5.0,M4.1.0/3", "2026-07-01T00:00:00Z",
	    12);
	/* Summer time all year, RFC 8536 section 3.3.1. */
	expect_rule("EST5EDT,0/0,J365/25", "2026-12-31T23:30:00Z", -4);
	expect_rule("EST5EDT,0/0,J365/25", "2027-01-01T04:30:00Z", -4);
	expect_rule("EST5EDT,0/0,J365/25", "2024-02-29T12:00:00Z", -4);
	/* J60 is 1 March in every year, day 59 is not. */
	expect_rule("AAA0BBB,J60/0,J300/0", "2024-02-29T23:59:59Z", 0);
	expect_rule("AAA0BBB,J60/0,J300/0", "2024-03-01T00:00:00Z", 1);
	expect_rule("AAA0BBB,J60/0,J300/0", "2026-03-01T00:00:00Z", 1);
	expect_rule("AAA0BBB,59/0,299/0", "2024-02-29T00:00:00Z", 1);
	expect_rule("AAA0BBB,59/0,299/0", "2026-02-28T23:59:59Z", 0);
	expect_rule("AAA0BBB,59/0,299/0", "2026-03-01T00:00:00Z", 1);
	expect_rule("AAA0BBB-2,M3.5.0/-2,M10.5.0/26", "2026-03-28T22:00:00Z",
	    2);
	expect_rule("AAA0BBB-2,M3.5.0/-2,M10.5.0/26", "2026-03-28T21:59:59Z",
	    0);
}

static void
test_bad_rules(void **state)
{
	static const char	*const odd[] = {
		"", "U", "UT0", "UTC", "UTC25", "UTC0x", "UTC0:60", "UTC+",
		"<>0", "<+07-7", "<é1>0", "CET-1CEST", "CET-1CEST,M3.5.0",
		"CET-1CEST,M3.5.0,", "CET-1CEST,M0.5.0,M10.5.0",
		"CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
		"CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J10",
		"CET-1CEST,J366,J10", "CET-1CEST,366,1",
		"CET-1CEST,M3.5.0/168,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0x",
		"CET-1CEST,M3.5.0/,M10.5.0", "CET-1CEST,M3.5,M10.5.0"
	};
	struct zone_rule	 r;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		if (zone_rule_parse(&r, odd[i]))
			fail_msg("accepted: %s", odd[i]);
	}
}

/* A real file that is truncated anywhere or has any byte changed is refused or
 * read, but never past its end, which sanitizers would detect. */
static void
test_damaged_file(void **state)
{
	unsigned char	 bytes[8192], *copy;
	struct zone	*z;
	FILE		*file;
	size_t		 n, i;

	(void)state;
	file = fopen("/usr/share/zoneinfo/Europe/Paris", "rb");
	assert_non_null(file);
	n = fread(bytes, 1, sizeof(bytes), file);
	(void)fclose(file);
	assert_in_range(n, 1000, sizeof(bytes) - 1);
	for (i = 0; i <= n; i++) {
		copy = malloc(i + 1);
		assert_non_null(copy);
		memcpy(copy + 1, bytes, i);
		if ((z = zone_parse(copy + 1, i)) != NULL) {
			(void)zone_civil(z, INT64_MAX);
			(void)zone_civil(z, INT64_MIN);
			zone_free(z);
		}
		free(copy);
	}
	for (i = 0; i < n; i++) {
		bytes[i] ^= 0xff;
		if ((z = zone_parse(bytes, n)) != NULL) {
			(void)zone_civil(z, 0);
			zone_free(z);
		}
		bytes[i] ^= 0xff;
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_odd),
		cmocka_unit_test(test_valid_day),
		cmocka_unit_test(test_calendar),
		cmocka_unit_test(test_paris),
		cmocka_unit_test(test_new_york),
		cmocka_unit_test(test_unknown_zone),
		cmocka_unit_test(test_library),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_bad_rules),
		cmocka_unit_test(test_damaged_file),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
