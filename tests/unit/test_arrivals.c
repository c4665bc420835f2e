/* Which arrivals listeners are told of: the same as row-level security
 * allows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "recordings/arrivals.h"

static void
test_visible(void **state)
{
	(void)state;
	assert_true(arrival_visible("all", "7", 1, 8));
	assert_true(arrival_visible("{1}", "7", 1, 8));
	assert_true(arrival_visible("{12,3,45}", "7", 12, 8));
	assert_true(arrival_visible("{12,3,45}", "7", 3, 8));
	assert_true(arrival_visible("{12,3,45}", "7", 45, 8));
	assert_true(arrival_visible("", "7", 1, 7));
	/* another site: false for an own call too, which the board shows */
	assert_false(arrival_visible("{12,3,45}", "7", 1, 7));
	assert_false(arrival_visible("{12,3,45}", "7", 4, 7));
	assert_false(arrival_visible("{12,3,45}", "7", 5, 7));
	assert_false(arrival_visible("{12,3,45}", "7", 0, 7));
	assert_false(arrival_visible("", "7", 7, 8));
	/* invalid scopes: false */
	assert_false(arrival_visible("{}", "7", 0, 7));
	assert_false(arrival_visible("{,}", "7", 0, 7));
	assert_false(arrival_visible("ALL", "7", 1, 7));
	assert_false(arrival_visible("", "", 1, 0));
	assert_false(arrival_visible("", "0", 1, 0));
	assert_false(arrival_visible("", "7x", 1, 7));
}

static void
expect(const char *groups, const char *team, const char *account,
    const char *want)
{
	json_t	*in = json_loads(groups, 0, NULL), *out;
	char	*text;

	assert_non_null(in);
	out = arrivals_of(in, team, account);
	text = out == NULL ? NULL : json_dumps(out, JSON_COMPACT);
	if (want == NULL)
		assert_null(text);
	else {
		assert_non_null(text);
		assert_string_equal(text, want);
	}
	free(text);
	json_decref(out);
	json_decref(in);
}

static void
test_groups(void **state)
{
	const char	*groups = "[[1,7,1,0,[\"a\"]],[1,8,2,1,[\"b\",\"c\"]],"
			    "[2,9,0,1,[\"d\"]]]";

	(void)state;
	expect(groups, "all", "7", "{\"count\":3,\"completed\":2,"
	    "\"ids\":[\"a\",\"b\",\"c\",\"d\"]}");
	expect(groups, "{2}", "7", "{\"count\":0,\"completed\":1,"
	    "\"ids\":[\"d\"]}");
	expect(groups, "", "7", "{\"count\":1,\"completed\":0,"
	    "\"ids\":[\"a\"]}");
	expect(groups, "{3}", "7", NULL);
	expect(groups, "", "6", NULL);
	expect("[]", "all", "7", NULL);
}

static void
test_many(void **state)
{
	json_t	*ids = json_array(), *groups, *out;
	int	 i;

	(void)state;
	for (i = 0; i < 70; i++)
		json_array_append_new(ids, json_integer(i));
	groups = json_pack("[[i,i,i,i,O],[i,i,i,i,O]]", 1, 7, 70, 0, ids,
	    1, 8, 5000, 0, ids);
	out = arrivals_of(groups, "all", "7");
	assert_int_equal(json_array_size(json_object_get(out, "ids")), 100);
	assert_int_equal(json_integer_value(json_object_get(out, "count")),
	    5070);
	json_decref(out);
	json_decref(groups);
	json_decref(ids);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_visible),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_many),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
