/*
 * Range header: RFC 9110 section 14 with its odd corners.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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
		cmocka_unit_test(test_unsatisfiable),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
