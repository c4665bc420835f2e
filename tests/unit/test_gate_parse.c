/*
 * The gate's parser: what it refuses and with which status, and what Kore
 * gets to see of what it lets through. The same cases meet the real server
 * in tests/http/kore_gate.test.js.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/gate_parse.h"

#define H	"Host: localhost\r\n"
#define END	"\r\n"

static char			out[GATE_OUT_MAX];
static struct gate_head		head;

static int
parse(const char *in, size_t n)
{
	int	status;

	memset(out, 0, sizeof(out));
	status = gate_parse(in, n, out, sizeof(out) - 1, &head);
	return (status);
}

static void
expect(int status, const char *in)
{
	int	got = parse(in, strlen(in));

	if (got != status)
		print_error("%d, not %d, for:\n%s\n", got, status, in);
	assert_int_equal(got, status);
}

static void
expect_out(const char *in, const char *wanted)
{
	expect(GATE_OK, in);
	assert_int_equal(head.out_len, strlen(wanted));
	assert_string_equal(out, wanted);
}

static void
test_passes(void **state)
{
	(void)state;
	expect_out("GET /a?b=c HTTP/1.1\r\n" H END,
	    "GET /a?b=c HTTP/1.1\r\nhost: localhost\r\n\r\n");
	assert_string_equal(head.method, "GET");
	assert_int_equal(head.target_len, 6);
	assert_int_equal(head.host_len, 9);
	assert_int_equal(head.body_len, 0);
	expect_out("POST / HTTP/1.1\r\n" H "Content-Length: 12\r\n" END,
	    "POST / HTTP/1.1\r\ncontent-length: 12\r\nhost: localhost\r\n\r\n");
	assert_int_equal(head.body_len, 12);
	assert_false(head.expect);
	expect(GATE_OK, "PUT / HTTP/1.1\r\n" H "Expect: 100-continue\r\n"
	    "Content-Length: 1\r\n" END);
	assert_true(head.expect);
	expect(GATE_OK, "GET / HTTP/1.0\r\n" H END);
	expect(GATE_OK, "GET / HTTP/1.1\r\nHost: [::1]:8443\r\n" END);
	expect(GATE_OK, "GET /%c3%a9 HTTP/1.1\r\n" H END);
}

static void
test_rewrites(void **state)
{
	(void)state;
	/* unknown and empty names are dropped, values made plain */
	expect_out("GET / HTTP/1.1\r\nX-Other: 1\r\nUser-Agent:  M\xc3\xbc\tx "
	    "\r\nOrigin:\r\n" H END,
	    "GET / HTTP/1.1\r\nuser-agent: M?? x\r\nhost: localhost\r\n\r\n");
	/* cookies merged, equal signs kept */
	expect_out("GET / HTTP/1.1\r\nCookie: a=Zm9v==\r\n" H
	    "Cookie: b=2; c=3\r\n" END, "GET / HTTP/1.1\r\n"
	    "host: localhost\r\ncookie: a=Zm9v==; b=2; c=3\r\n\r\n");
	/* of Connection, only close */
	expect_out("GET / HTTP/1.1\r\n" H "Connection: keep-alive , Close\r\n"
	    END, "GET / HTTP/1.1\r\nhost: localhost\r\n"
	    "connection: close\r\n\r\n");
	expect_out("GET / HTTP/1.1\r\n" H "Connection: upgrade, closed\r\n" END,
	    "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
	/* a body that can't be is not announced to Kore */
	expect_out("DELETE / HTTP/1.1\r\n" H "Content-Length: 0\r\n" END,
	    "DELETE / HTTP/1.1\r\nhost: localhost\r\n\r\n");
}

static void
test_request_line(void **state)
{
	char	long_uri[2200] = "GET /", *p = long_uri + 5;

	(void)state;
	expect(400, "get / HTTP/1.1\r\n" H END);
	expect(501, "TRACE / HTTP/1.1\r\n" H END);
	expect(501, "CONNECT a:1 HTTP/1.1\r\n" H END);
	expect(501, "PROPFIND / HTTP/1.1\r\n" H END);
	expect(501, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
	expect(400, "GET https://x/ HTTP/1.1\r\n" H END);
	expect(400, "OPTIONS * HTTP/1.1\r\n" H END);
	expect(400, "GET  / HTTP/1.1\r\n" H END);
	expect(400, "GET / HTTP/1.1 \r\n" H END);
	expect(400, "GET / HTTP/2.0\r\n" H END);
	expect(505, "GET / HTTP/1.2\r\n" H END);
	expect(400, "GET /\r\n\r\n");
	expect(400, "\r\nGET / HTTP/1.1\r\n" H END);
	expect(400, "PUT / HTTP/1.0\r\n" H "Content-Length: 0\r\n" END);
	expect(400, "GET /%00 HTTP/1.1\r\n" H END);
	expect(400, "GET /%0 HTTP/1.1\r\n" H END);
	expect(400, "GET /%zz HTTP/1.1\r\n" H END);
	expect(400, "GET /a#b HTTP/1.1\r\n" H END);
	expect(400, "GET /a\"b HTTP/1.1\r\n" H END);
	expect(400, "GET /a\\b HTTP/1.1\r\n" H END);
	expect(400, "GET /\xc3\xa9 HTTP/1.1\r\n" H END);
	memset(p, 'x', 2000);
	strcpy(p + 2000, " HTTP/1.1\r\n" H END);
	expect(414, long_uri);
}

static void
test_lengths(void **state)
{
	static const char	*const bad[] = { "+3", "-1", "0x3", "1e1",
				    "5, 5", "", "18446744073709551617", "3 3" };
	char			 in[200];
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(in, sizeof(in), "POST / HTTP/1.1\r\n" H
		    "Content-Length: %s\r\n" END, bad[i]);
		expect(400, in);
	}
	expect(411, "POST / HTTP/1.1\r\n" H END);
	expect(400, "POST / HTTP/1.1\r\n" H "Content-Length: 5\r\n"
	    "Content-Length: 5\r\n" END);
	expect(400, "GET / HTTP/1.1\r\n" H "Content-Length: 5\r\n" END);
	expect(400, "HEAD / HTTP/1.1\r\n" H "Content-Length: 5\r\n" END);
	expect(400, "DELETE / HTTP/1.1\r\n" H "Content-Length: 5\r\n" END);
	expect(400, "OPTIONS / HTTP/1.1\r\n" H "Content-Length: 5\r\n" END);
	expect(501, "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
	    "Content-Length: 4\r\n" END);
	expect(501, "POST / HTTP/1.1\r\n" H "transfer-encoding:\tx\r\n" END);
	expect(400, "POST / HTTP/1.1\r\n" H "Transfer-Encoding : x\r\n" END);
	expect(417, "POST / HTTP/1.1\r\n" H "Expect: x\r\n"
	    "Content-Length: 0\r\n" END);
}

static void
test_hosts(void **state)
{
	static const char	*const bad[] = { "", "a/b", "x@localhost",
				    "localhost:99999999", "localhost:", "-a",
				    ".a", "a b", "[::1", "[]", "[::g]", "a_b",
				    "a:1:2", "[::1]x", "a.", "a.:1", ":1" };
	char			 in[200];
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(in, sizeof(in), "GET / HTTP/1.1\r\nHost: %s\r\n" END,
		    bad[i]);
		expect(400, in);
	}
	expect(400, "GET / HTTP/1.1\r\n" END);
	expect(400, "GET / HTTP/1.1\r\nHostx: localhost\r\n" END);
	expect(400, "GET / HTTP/1.1\r\n" H H END);
}

static void
test_lines(void **state)
{
	static const char	nul[] = "GET / HTTP/1.1\r\n" H
				    "X: a\0b\r\n" END;
	char			in[GATE_HEAD_MAX + 100];
	size_t			n;
	int			i;

	(void)state;
	assert_int_equal(parse(nul, sizeof(nul) - 1), 400);
	expect(400, "GET / HTTP/1.1\r\n" H "X: a\1\r\n" END);
	expect(400, "GET / HTTP/1.1\r\n" H "X: a\x7f\r\n" END);
	expect(400, "GET / HTTP/1.1\r\n" H "X: a\r\n b\r\n" END);
	expect(400, "GET / HTTP/1.1\r\n" H "X: a\r\n\tb\r\n" END);
	expect(400, "GET / HTTP/1.1\nHost: localhost\n\n");
	expect(400, "GET / HTTP/1.1\r\nHost: localhost\nX: y\r\n" END);
	expect(400, "GET / HTTP/1.1\r\n" H "X: a\rb\r\n" END);
	expect(400, "GET / HTTP/1.1\r\n" H "X Y: z\r\n" END);
	expect(400, "GET / HTTP/1.1\r\n" H "X(: z\r\n" END);
	expect(400, "GET / HTTP/1.1\r\n" H ": z\r\n" END);
	expect(400, "GET / HTTP/1.1\r\n" H "foo\r\n" END);
	expect(400, "GET / HTTP/1.1\r\n" H "Origin: a\r\nOrigin: b\r\n" END);
	expect(GATE_OK, "GET / HTTP/1.1\r\n" H "Accept: a\r\n"
	    "Accept: b\r\n" END);
	n = (size_t)sprintf(in, "GET / HTTP/1.1\r\n" H);
	for (i = 0; i < GATE_LINES_MAX; i++)
		n += (size_t)sprintf(in + n, "X-%d: v\r\n", i);
	strcpy(in + n, END);
	expect(431, in);
	n = (size_t)sprintf(in, "GET / HTTP/1.1\r\n" H "X: ");
	memset(in + n, 'y', sizeof(in) - n);
	assert_int_equal(parse(in, GATE_HEAD_MAX), 431);
	assert_int_equal(parse(in, GATE_HEAD_MAX - 1), GATE_MORE);
	n = (size_t)sprintf(in, "GET / HTTP/1.1\r\n" H "Cookie: a=");
	memset(in + n, 'y', GATE_OUT_MAX);
	strcpy(in + n + GATE_OUT_MAX, "\r\n" END);
	expect(431, in);
}

/* Every prefix asks for more or is refused as the whole is; what follows the
 * head is not looked at. */
static void
test_pieces(void **state)
{
	static const char	whole[] = "POST /a HTTP/1.1\r\n" H
				    "Content-Length: 3\r\n" END "abc\0\r";
	size_t			n, head_len = sizeof(whole) - 1 - 5;

	(void)state;
	for (n = 0; n < head_len; n++)
		assert_int_equal(parse(whole, n), GATE_MORE);
	for (; n < sizeof(whole); n++) {
		assert_int_equal(parse(whole, n), GATE_OK);
		assert_int_equal(head.in_len, head_len);
	}
	/* other protocols are refused at their first bytes */
	assert_int_equal(parse("\x16\x03\x01\x02", 4), 400);
	assert_int_equal(parse("ge", 2), 400);
	assert_int_equal(parse("PROPFIND", 8), 501);
}

static void
test_tokens(void **state)
{
	(void)state;
	assert_true(gate_token("x-request-id", 12));
	assert_false(gate_token("", 0));
	assert_false(gate_token("a b", 3));
	assert_false(gate_token("a\0", 2));
	assert_false(gate_token("\xe9", 1));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_passes),
		cmocka_unit_test(test_rewrites),
		cmocka_unit_test(test_request_line),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_tokens),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
