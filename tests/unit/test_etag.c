/* If-None-Match: values that match one of our tags, and values that do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/etag.h"

static void
test_listed(void **state)
{
	(void)state;
	assert_true(etag_listed("\"a1\"", "\"a1\""));
	assert_true(etag_listed("*", "\"a1\""));
	assert_true(etag_listed("W/\"a1\"", "\"a1\""));
	assert_true(etag_listed("\"x\", \"a1\"", "\"a1\""));
	assert_true(etag_listed(",, \"x,y\" ,W/\"z\",\"a1\",", "\"a1\""));
	assert_true(etag_listed("\"\",\"a1\"", "\"a1\""));
}

static void
test_not_listed(void **state)
{
	(void)state;
	assert_false(etag_listed(NULL, "\"a1\""));
	assert_false(etag_listed("", "\"a1\""));
	assert_false(etag_listed("a1", "\"a1\""));
	assert_false(etag_listed("\"a1", "\"a1\""));
	assert_false(etag_listed("\"a\", \"a12\", \"A1\"", "\"a1\""));
	assert_false(etag_listed("\"x,\"a1\"", "\"a1\""));
	assert_false(etag_listed("w/\"a1\"", "\"a1\""));
	assert_false(etag_listed("W/", "\"a1\""));
	assert_false(etag_listed("\"x\" * ", "\"a1\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listed),
		cmocka_unit_test(test_not_listed),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
