/* The header of the PROXY protocol, version 2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/proxy_parse.h"

#define SIGNATURE	"\r\n\r\n\0\r\nQUIT\n"
#define V4(length)	SIGNATURE "\x21\x11\0" length			\
	"\xc0\0\x02\x07" "\x7f\0\0\x01" "\x12\x34\x20\xfb"

static struct proxy_header	h;

/* Parses a copy, so that ASan finds a read past it. */
static int
parse(const char *in, size_t n)
{
	uint8_t	*copy = malloc(n == 0 ? 1 : n);
	int	 result;

	memcpy(copy, in, n);
	result = proxy_parse(copy, n, &h);
	free(copy);
	return (result);
}

#define PARSE(in)	parse(in, sizeof(in) - 1)

static void
expect_ip(const char *wanted)
{
	char	text[IP_TEXT];

	assert_false(h.local);
	ip_text(&h.ip, text);
	assert_string_equal(text, wanted);
}

static void
test_addresses(void **state)
{
	static const char	v6[] = SIGNATURE "\x21\x21\0\x24"
	    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"
	    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01" "\x12\x34\x20\xfb";

	(void)state;
	assert_int_equal(PARSE(V4("\x0c") "\x16\x03"), PROXY_OK);
	assert_int_equal(h.len, 28);
	assert_false(h.tls);
	expect_ip("192.0.2.7");
	assert_int_equal(parse(v6, sizeof(v6) - 1), PROXY_OK);
	assert_int_equal(h.len, 52);
	expect_ip("2001:db8::7");
}

static void
test_local(void **state)
{
	(void)state;
	assert_int_equal(PARSE(SIGNATURE "\x20\0\0\0"), PROXY_OK);
	assert_true(h.local);
	assert_int_equal(h.len, 16);
	assert_int_equal(PARSE(SIGNATURE "\x20\x31\0\x02??"), PROXY_OK);
	assert_true(h.local);
	assert_int_equal(h.len, 18);
}

static void
test_tlvs(void **state)
{
	(void)state;
	/* a no-op, then PP2_TYPE_SSL with and without PP2_CLIENT_SSL */
	assert_int_equal(PARSE(V4("\x11") "\x04\0\x02xx"), PROXY_OK);
	assert_false(h.tls);
	assert_int_equal(PARSE(V4("\x18") "\x04\0\x01x" "\x20\0\x05\x01"
	    "\0\0\0\0"), PROXY_OK);
	assert_true(h.tls);
	assert_int_equal(h.len, 40);
	assert_int_equal(PARSE(V4("\x14") "\x20\0\x05\x06" "\0\0\0\x01"),
	    PROXY_OK);
	assert_false(h.tls);
	/* they exceed the header */
	assert_int_equal(PARSE(V4("\x0e") "\x04\0"), PROXY_BAD);
	assert_int_equal(PARSE(V4("\x10") "\x04\0\x02x"), PROXY_BAD);
}

static void
test_incomplete(void **state)
{
	static const char	in[] = V4("\x11") "\x04\0\x02xx";
	size_t			i;

	(void)state;
	for (i = 0; i < sizeof(in) - 1; i++)
		assert_int_equal(parse(in, i), PROXY_MORE);
	assert_int_equal(parse(in, i), PROXY_OK);
}

static void
test_refused(void **state)
{
	(void)state;
	/* version 1, TLS without a header, HTTP */
	assert_int_equal(PARSE("PROXY TCP4 192.0.2.7 127.0.0.1 1 2\r\n"),
	    PROXY_BAD);
	assert_int_equal(PARSE("\x16"), PROXY_BAD);
	assert_int_equal(PARSE("\r\n\r\nGET"), PROXY_BAD);
	/* another version, another command */
	assert_int_equal(PARSE(SIGNATURE "\x31"), PROXY_BAD);
	assert_int_equal(PARSE(SIGNATURE "\x22"), PROXY_BAD);
	/* UNIX, UDP, an unspecified transport, too few bytes, too many */
	assert_int_equal(PARSE(SIGNATURE "\x21\x31\0\0"), PROXY_BAD);
	assert_int_equal(PARSE(SIGNATURE "\x21\x12\0\x0c" "123456789012"),
	    PROXY_BAD);
	assert_int_equal(PARSE(SIGNATURE "\x21\0\0\0"), PROXY_BAD);
	assert_int_equal(PARSE(SIGNATURE "\x21\x11\0\x0b" "12345678901"),
	    PROXY_BAD);
	assert_int_equal(PARSE(SIGNATURE "\x21\x21\0\x0c" "123456789012"),
	    PROXY_BAD);
	assert_int_equal(PARSE(SIGNATURE "\x21\x11\x03\xf1"), PROXY_BAD);
	assert_int_equal(PARSE(SIGNATURE "\x20\0\xff\xff"), PROXY_BAD);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_local),
		cmocka_unit_test(test_tlvs),
		cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
