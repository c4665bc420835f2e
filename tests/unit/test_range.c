/*
 * Range header, RFC 9110 section 14, with its special cases.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/range.h"

static void
expect(const char *header, int64_t size, enum range_kind kind, int64_t first,
    int64_t last)
{
	struct range	 r;

	range_parse(&r, header, size);
	assert_int_equal(r.kind, kind);
	if (kind == RANGE_UNSATISFIABLE)
		return;
	assert_true(r.first == first);
	assert_true(r.last == last);
}

static void
test_parts(void **state)
{
	(void)state;
	expect("bytes=0-0", 10, RANGE_PART, 0, 0);
	expect("bytes=0-", 10, RANGE_PART, 0, 9);
	expect("bytes=3-5", 10, RANGE_PART, 3, 5);
	expect("bytes=3-500", 10, RANGE_PART, 3, 9);
	expect("bytes=9-", 10, RANGE_PART, 9, 9);
	expect("bytes=-1", 10, RANGE_PART, 9, 9);
	expect("bytes=-10", 10, RANGE_PART, 0, 9);
	expect("bytes=-11", 10, RANGE_PART, 0, 9);
	expect("BYTES=0-1", 10, RANGE_PART, 0, 1);
	expect("bytes= 0-1 ", 10, RANGE_PART, 0, 1);
	expect("bytes=0-99999999999999999999", 10, RANGE_PART, 0, 9);
	expect("bytes=-99999999999999999999", 10, RANGE_PART, 0, 9);
	expect("bytes=5000000000-", 6000000000, RANGE_PART, 5000000000,
	    5999999999);
}

static void
test_whole(void **state)
{
	static const char	*const odd[] = { "", "bytes", "bytes=",
				    "bytes=-", "bytes=a-b", "bytes=1",
				    "bytes=5-3", "bytes=0-1,3-4", "bytes=0-1,",
				    "bytes=1 - 2", "bytes=--1", "bytes=0-1x",
				    "bytes=0x0-1", "bytes=+1-2", "items=0-1",
				    "bytes:0-1", " bytes=0-1", "bytes =0-1" };
	size_t			 i;

	(void)state;
	expect(NULL, 10, RANGE_WHOLE, 0, 9);
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		expect(odd[i], 10, RANGE_WHOLE, 0, 9);
	expect(NULL, 0, RANGE_WHOLE, 0, -1);
}

/* Each border at n-1, n and n+1. */
static void
test_borders(void **state)
{
	(void)state;
	expect("bytes=8-", 10, RANGE_PART, 8, 9);
	expect("bytes=9-", 10, RANGE_PART, 9, 9);
	expect("bytes=10-", 10, RANGE_UNSATISFIABLE, 0, 0);
	expect("bytes=11-", 10, RANGE_UNSATISFIABLE, 0, 0);
	expect("bytes=2-8", 10, RANGE_PART, 2, 8);
	expect("bytes=2-9", 10, RANGE_PART, 2, 9);
	expect("bytes=2-10", 10, RANGE_PART, 2, 9);
	expect("bytes=5-4", 10, RANGE_WHOLE, 0, 9);
	expect("bytes=5-5", 10, RANGE_PART, 5, 5);
	expect("bytes=5-6", 10, RANGE_PART, 5, 6);
	expect("bytes=-0", 10, RANGE_UNSATISFIABLE, 0, 0);
	expect("bytes=-1", 10, RANGE_PART, 9, 9);
	expect("bytes=-9", 10, RANGE_PART, 1, 9);
	expect("bytes=-10", 10, RANGE_PART, 0, 9);
	expect("bytes=-11", 10, RANGE_PART, 0, 9);
	expect("bytes=0-", 1, RANGE_PART, 0, 0);
	expect("bytes=-1", 1, RANGE_PART, 0, 0);
	expect("bytes=1-", 1, RANGE_UNSATISFIABLE, 0, 0);
}

/* Numbers around the largest integer are all beyond the end: none overflows to
 * a small or negative one. */
static void
test_big_numbers(void **state)
{
	static const char	*const big[] = { "999999999999999999",
				    "9223372036854775798",
				    "9223372036854775799",
				    "9223372036854775800",
				    "9223372036854775806",
				    "9223372036854775807",
				    "9223372036854775808",
				    "9223372036854775809",
				    "9999999999999999999",
				    "18446744073709551615",
				    "18446744073709551616",
				    "18446744073709551617",
				    "99999999999999999999" };
	char			 header[80];
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(big) / sizeof(big[0]); i++) {
		(void)snprintf(header, sizeof(header), "bytes=%s-", big[i]);
		expect(header, 10, RANGE_UNSATISFIABLE, 0, 0);
		(void)snprintf(header, sizeof(header), "bytes=0-%s", big[i]);
		expect(header, 10, RANGE_PART, 0, 9);
		(void)snprintf(header, sizeof(header), "bytes=-%s", big[i]);
		expect(header, 10, RANGE_PART, 0, 9);
		(void)snprintf(header, sizeof(header), "bytes=%s-%s", big[i],
		    big[i]);
		expect(header, 10, RANGE_UNSATISFIABLE, 0, 0);
	}
	expect("bytes=9223372036854775798-9223372036854775799", INT64_MAX,
	    RANGE_PART, INT64_MAX - 9, INT64_MAX - 8);
}

static void
test_unsatisfiable(void **state)
{
	(void)state;
	expect("bytes=10-", 10, RANGE_UNSATISFIABLE, 0, 0);
	expect("bytes=10-20", 10, RANGE_UNSATISFIABLE, 0, 0);
	expect("bytes=99999999999999999999-", 10, RANGE_UNSATISFIABLE, 0, 0);
	expect("bytes=-0", 10, RANGE_UNSATISFIABLE, 0, 0);
	expect("bytes=0-", 0, RANGE_UNSATISFIABLE, 0, 0);
	expect("bytes=-5", 0, RANGE_UNSATISFIABLE, 0, 0);
	expect("bytes=0-0", 0, RANGE_UNSATISFIABLE, 0, 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_borders),
		cmocka_unit_test(test_big_numbers),
		cmocka_unit_test(test_unsatisfiable),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
