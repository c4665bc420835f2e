/*
 * UTF-8, numbers, UUIDs, hexadecimal, secrets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void
test_utf8(void **state)
{
	static const char	*const good[] = { "", "a", "\x7f", "\xc2\x80",
				    "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
				    "\xee\x80\x80", "\xef\xbf\xbf",
				    "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
				    "été 😀" };
	static const char	*const bad[] = { "\x80", "\xbf", "\xc0\x80",
				    "\xc1\xbf", "\xc2", "\xc2 ", "\xc2\xc2",
				    "\xe0\x9f\xbf", "\xe0\xa0", "\xe1\x80 ",
				    "\xed\xa0\x80", "\xed\xbf\xbf",
				    "\xf0\x8f\xbf\xbf", "\xf0\x90\x80",
				    "\xf0\x90\x80 ", "\xf4\x90\x80\x80",
				    "\xf5\x80\x80\x80", "\xff", "a\xfe" };
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(utf8_valid(good[i], strlen(good[i])));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(utf8_valid(bad[i], strlen(bad[i])));
	assert_true(utf8_valid("a\0b", 3));
	/* The end is inside a sequence, whatever bytes follow. */
	assert_false(utf8_valid("\xe2\x82\xac", 2));
}

static void
test_utf8_length(void **state)
{
	(void)state;
	assert_int_equal(utf8_length(""), 0);
	assert_int_equal(utf8_length("été"), 3);
	assert_int_equal(utf8_length("a€😀"), 3);
}

static void
test_int64(void **state)
{
	static const char	*const bad[] = { "", " 1", "1 ", "+1", "-",
				    "--1", "1.0", "0x1", "1e3", "é", "- 1",
				    "9223372036854775808",
				    "-9223372036854775809",
				    "99999999999999999999999" };
	int64_t			 n;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		n = 42;
		assert_false(text_int64(bad[i], INT64_MIN, INT64_MAX, &n));
		assert_int_equal(n, 42);
	}
	assert_true(text_int64("9223372036854775807", 0, INT64_MAX, &n));
	assert_true(n == INT64_MAX);
	assert_true(text_int64("-9223372036854775808", INT64_MIN, 0, &n));
	assert_true(n == INT64_MIN);
	assert_true(text_int64("007", 0, 10, &n));
	assert_int_equal(n, 7);
	assert_true(text_int64("10", 0, 10, &n));
	assert_false(text_int64("11", 0, 10, &n));
	assert_false(text_int64("-1", 0, 10, &n));
}

static void
test_secret(void **state)
{
	(void)state;
	assert_true(text_same_secret("", ""));
	assert_true(text_same_secret("abc", "abc"));
	assert_false(text_same_secret("abc", "abd"));
	assert_false(text_same_secret("abc", "ab"));
	assert_false(text_same_secret("ab", "abc"));
}

static void
test_uuid(void **state)
{
	static const char	*const bad[] = { "",
		"0190a5b2-7c3e-7f00-8000-0123456789a",
		"0190a5b2-7c3e-7f00-8000-0123456789abc",
		"0190A5B2-7c3e-7f00-8000-0123456789ab",
		"0190a5b2-7c3e-7f00-8000-0123456789ag",
		"0190a5b27c3e-7f00-8000-0123456789abc",
		"{190a5b2-7c3e-7f00-8000-0123456789a}",
		"0190a5b2-7c3e-7f00-8000-0123456789ab\n" };
	size_t			 i;

	(void)state;
	assert_true(uuid_valid("0190a5b2-7c3e-7f00-8000-0123456789ab"));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(uuid_valid(bad[i]));
}

static void
test_hex(void **state)
{
	char	 out[9];

	(void)state;
	hex_encode((const uint8_t *)"", 0, out);
	assert_string_equal(out, "");
	hex_encode((const uint8_t *)"\x00\x0f\xa5\xff", 4, out);
	assert_string_equal(out, "000fa5ff");
}

static void
expect_trimmed(const char *text, const char *want)
{
	size_t		 n;
	const char	*s = text_trim(text, &n);

	assert_int_equal(n, strlen(want));
	assert_memory_equal(s, want, n);
}

static void
test_trim(void **state)
{
	(void)state;
	expect_trimmed("", "");
	expect_trimmed(" a\tb \r\n", "a\tb");
	expect_trimmed("\u00a0\u202fé\u00a0è\u200b\ufeff", "é\u00a0è");
	expect_trimmed("\u2003\u3000\u2028\xc2\x85\u00ad", "");
	expect_trimmed("\u200e+33 6\u202c", "+33 6");
	/* text that is not UTF-8 is not read past its end */
	expect_trimmed("a\xe2", "a\xe2");
	expect_trimmed("\xe2", "\xe2");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_utf8_length),
		cmocka_unit_test(test_trim),
		cmocka_unit_test(test_int64),
		cmocka_unit_test(test_secret),
		cmocka_unit_test(test_uuid),
		cmocka_unit_test(test_hex),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
