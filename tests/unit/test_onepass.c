/* OnePass's pure parts: where one may be sent back, networks, tokens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <string.h>

#include "base/token.h"
#include "onepass/home_path.h"
#include "onepass/network.h"

static void
test_home_path(void **state)
{
	(void)state;
	assert_true(home_path_valid("/console/recordings?q=a&mood=angry"));
	assert_true(home_path_valid("/board"));
	assert_true(home_path_valid("/console?x=1"));
	assert_false(home_path_valid(NULL));
	assert_false(home_path_valid(""));
	assert_false(home_path_valid("//evil.example/console"));
	assert_false(home_path_valid("/console//evil.example"));
	assert_false(home_path_valid("https://evil.example/console"));
	assert_false(home_path_valid("/consoleevil"));
	assert_false(home_path_valid("/console\\evil"));
	assert_false(home_path_valid("/console/a\r\nset-cookie: x"));
	assert_false(home_path_valid("/console/../api/v1/session"));
	assert_false(home_path_valid("/api/v1/recordings"));
	assert_false(home_path_valid("/console/session/end"));
	/* the language switch of the sign-in page comes back to it */
	assert_true(home_path_valid("/console/sign-in?to=%2Fconsole"));
}

static void
test_network(void **state)
{
	struct arena	a = { NULL };

	(void)state;
	assert_string_equal(network_of(&a, "203.0.113.9"), "203.0.113.0/24");
	assert_string_equal(network_of(&a, "::ffff:203.0.113.9"),
	    "203.0.113.0/24");
	assert_string_equal(network_of(&a, "2001:db8:1:2:3:4:5:6"),
	    "2001:db8:1:2::/64");
	assert_string_equal(network_of(&a, "unix"), "unix");
	arena_dispose(&a);
}

static void
test_token(void **state)
{
	char	one[TOKEN_TEXT], two[TOKEN_TEXT], out[TOKEN_TEXT];

	(void)state;
	token_new(one);
	token_new(two);
	assert_true(token_valid(one));
	assert_string_not_equal(one, two);
	assert_false(token_valid("abc"));
	/* FIPS 180-4's example. */
	token_hash("abc", out);
	assert_string_equal(out, "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	token_derive(one, "csrf", out);
	token_derive(two, "csrf", two);
	assert_string_not_equal(out, two);
	assert_string_not_equal(out, one);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_home_path),
		cmocka_unit_test(test_network),
		cmocka_unit_test(test_token),
	};

	if (sodium_init() < 0)
		return (1);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
