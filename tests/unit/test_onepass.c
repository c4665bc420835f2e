/* The parts of OnePass that need no database: paths to return to, networks,
 * tokens, names of browsers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <string.h>

#include "base/token.h"
#include "onepass/agent.h"
#include "onepass/home_path.h"
#include "base/network.h"

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
	assert_false(home_path_valid("/board/session"));
	assert_true(home_path_valid("/board/sessions"));
	/* the language switch of the sign-in page returns to it */
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
	/* The example of FIPS 180-4. */
	token_hash("abc", out);
	assert_string_equal(out, "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	token_derive(one, "csrf", out);
	token_derive(two, "csrf", two);
	assert_string_not_equal(out, two);
	assert_string_not_equal(out, one);
}

static void
test_agent(void **state)
{
	struct arena	a = { NULL };

	(void)state;
	assert_string_equal(agent_words(&a, LANG_FR, "Mozilla/5.0 (Windows NT "
	    "10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"),
	    "Firefox sur Windows");
	assert_string_equal(agent_words(&a, LANG_EN, "Mozilla/5.0 (X11; Linux "
	    "x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 "
	    "Safari/537.36 Edg/126.0"), "Edge on Linux");
	assert_string_equal(agent_words(&a, LANG_FR, "Mozilla/5.0 (iPhone; "
	    "CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, "
	    "like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"),
	    "Safari sur iPhone");
	assert_string_equal(agent_words(&a, LANG_FR, "curl/7.88.1"), "curl");
	assert_string_equal(agent_words(&a, LANG_FR, "<script>"),
	    "Appareil inconnu");
	arena_dispose(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_home_path),
		cmocka_unit_test(test_network),
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_agent),
	};

	if (sodium_init() < 0)
		return (1);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
