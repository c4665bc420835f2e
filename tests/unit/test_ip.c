/* Addresses and networks: texts, prefixes, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/ip.h"

static void
same(const char *in, const char *wanted)
{
	struct ip	ip;
	char		text[IP_TEXT];

	assert_true(ip_parse(in, strlen(in), &ip));
	ip_text(&ip, text);
	assert_string_equal(text, wanted);
}

static void
test_address(void **state)
{
	static const char *const	bad[] = { "", "1.2.3", "1.2.3.4:5",
	    "[::1]", "fe80::1%eth0", "256.1.1.1", "01.2.3.4", "a", "1.2.3.4 ",
	    "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb" };
	struct ip			ip;
	size_t				i;

	(void)state;
	same("192.0.2.1", "192.0.2.1");
	same("::ffff:192.0.2.1", "192.0.2.1");
	same("2001:DB8:0::1", "2001:db8::1");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(ip_parse(bad[i], strlen(bad[i]), &ip));
	assert_false(ip_parse("1.2.3.4\0", 8, &ip));
}

static bool
have(const char *networks, const char *address)
{
	struct ip_networks	nets;
	struct ip		ip;
	char			*why = NULL;

	if (!ip_networks_parse(&nets, networks, &why))
		fail_msg("%s", why);
	assert_true(ip_parse(address, strlen(address), &ip));
	return (ip_networks_have(&nets, &ip));
}

static void
test_networks(void **state)
{
	(void)state;
	assert_false(have("", "127.0.0.1"));
	assert_true(have("127.0.0.1", "127.0.0.1"));
	assert_true(have("127.0.0.1", "::ffff:127.0.0.1"));
	assert_false(have("127.0.0.1", "127.0.0.2"));
	assert_true(have("10.0.0.0/9", "10.127.255.255"));
	assert_false(have("10.0.0.0/9", "10.128.0.0"));
	assert_true(have("0.0.0.0/0", "255.1.2.3"));
	assert_false(have("0.0.0.0/0", "2001:db8::1"));
	assert_true(have("::/0", "1.2.3.4"));
	assert_true(have(" 192.0.2.1,, 2001:db8::/33\t", "2001:db8:7fff::1"));
	assert_false(have("192.0.2.1 2001:db8::/33", "2001:db8:8000::1"));
}

static void
neighbourhood(const char *address, const char *expected)
{
	struct ip	ip;
	char		text[IP_TEXT];

	assert_true(ip_parse(address, strlen(address), &ip));
	ip = ip_neighbourhood(&ip);
	ip_text(&ip, text);
	assert_string_equal(text, expected);
}

static void
test_neighbourhood(void **state)
{
	(void)state;
	neighbourhood("203.0.113.255", "203.0.113.0");
	neighbourhood("::ffff:203.0.113.9", "203.0.113.0");
	neighbourhood("0.0.0.1", "0.0.0.0");
	neighbourhood("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::");
	neighbourhood("::1", "::");
	/* no IPv4-mapped address: one bit differs */
	neighbourhood("::fffe:203.0.113.9", "::");
}

static void
refuse(const char *networks, const char *words)
{
	struct ip_networks	nets;
	char			*why = NULL;

	assert_false(ip_networks_parse(&nets, networks, &why));
	if (strstr(why, words) == NULL)
		fail_msg("\"%s\" does not contain \"%s\"", why, words);
	free(why);
}

static void
test_refused(void **state)
{
	char	many[65 * 8 + 1] = "";
	int	i;

	(void)state;
	refuse("proxy.example.net", "\"proxy.example.net\" is neither");
	refuse("127.0.0.1 10.0.0.0/33", "\"10.0.0.0/33\" has a wrong prefix");
	refuse("::1/129", "wrong prefix");
	refuse("::1/", "wrong prefix");
	refuse("10.0.0.0/+8", "wrong prefix");
	refuse("10.0.0.0/0008", "wrong prefix");
	refuse("10.0.0.1/8", "bits behind its prefix");
	refuse("2001:db8::1/32", "bits behind its prefix");
	for (i = 0; i < 65; i++)
		strcat(many, "1.2.3.4 ");
	refuse(many, "one too many");
	many[64 * 8] = '\0';
	assert_true(have(many, "1.2.3.4"));
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_address),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_neighbourhood),
		cmocka_unit_test(test_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
