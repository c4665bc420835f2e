/*
 * The gate's parser: what it refuses and with which status, and what it passes
 * on to Kore. tests/http/kore_gate.test.js sends the same cases to the real
 * server.
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
static bool			proxied;

static int
parse(const char *in, size_t n)
{
	int	status;

	memset(out, 0, sizeof(out));
	status = gate_parse(in, n, proxied, out, sizeof(out) - 1, &head);
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
	/* unknown and empty headers are dropped, values become ASCII */
	expect_out("GET / HTTP/1.1\r\nX-Other: 1\r\nUser-Agent:  M\xc3\xbc\tx "
	    "\r\nOrigin:\r\n" H END,
	    "GET / HTTP/1.1\r\nuser-agent: M?? x\r\nhost: localhost\r\n\r\n");
	/* cookies merged, equal signs kept */
	expect_out("GET / HTTP/1.1\r\nCookie: a=Zm9v==\r\n" H
	    "Cookie: b=2; c=3\r\n" END, "GET / HTTP/1.1\r\n"
	    "host: localhost\r\ncookie: a=Zm9v==; b=2; c=3\r\n\r\n");
	/* of Connection only close is kept */
	expect_out("GET / HTTP/1.1\r\n" H "Connection: keep-alive , Close\r\n"
	    END, "GET / HTTP/1.1\r\nhost: localhost\r\n"
	    "connection: close\r\n\r\n");
	expect_out("GET / HTTP/1.1\r\n" H "Connection: upgrade, closed\r\n" END,
	    "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
	/* DELETE has no body, so its length is dropped */
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

/* Parses n times c between two texts. */
static int
parse_padded(const char *before, int c, size_t n, const char *after)
{
	static char	in[GATE_HEAD_MAX + 200];
	size_t		start = strlen(before);

	assert_true(start + n + strlen(after) < sizeof(in));
	memcpy(in, before, start);
	memset(in + start, c, n);
	strcpy(in + start + n, after);
	return (parse(in, start + n + strlen(after)));
}

static void
test_limit_method(void **state)
{
	(void)state;
	assert_int_equal(parse("ABCDEF", 6), GATE_MORE);
	assert_int_equal(parse("ABCDEFG", 7), GATE_MORE);
	assert_int_equal(parse("ABCDEFGH", 8), 501);
	expect(GATE_OK, "DELETE / HTTP/1.1\r\n" H END);
	expect(GATE_OK, "OPTIONS / HTTP/1.1\r\n" H END);
	expect(501, "OPTIONSX / HTTP/1.1\r\n" H END);
}

static void
test_limit_target(void **state)
{
	size_t	n;

	(void)state;
	for (n = GATE_TARGET_MAX - 1; n <= GATE_TARGET_MAX; n++) {
		assert_int_equal(parse_padded("GET /", 'x', n - 1,
		    " HTTP/1.1\r\n" H END), GATE_OK);
		assert_int_equal(head.target_len, n);
	}
	assert_int_equal(parse_padded("GET /", 'x', n - 1,
	    " HTTP/1.1\r\n" H END), 414);
	expect(400, "GET  HTTP/1.1\r\n" H END);
	expect(GATE_OK, "GET / HTTP/1.1\r\n" H END);
	/* an escape at the end of the target */
	expect(GATE_OK, "GET /%41 HTTP/1.1\r\n" H END);
	expect(400, "GET /%4 HTTP/1.1\r\n" H END);
	expect(400, "GET /% HTTP/1.1\r\n" H END);
}

static void
test_limit_host(void **state)
{
	static const char	before[] = "GET / HTTP/1.1\r\nHost: ";
	size_t			n;

	(void)state;
	for (n = 199; n <= 200; n++) {
		assert_int_equal(parse_padded(before, 'x', n, "\r\n" END),
		    GATE_OK);
		assert_int_equal(head.host_len, n);
	}
	assert_int_equal(parse_padded(before, 'x', n, "\r\n" END), 400);
	assert_int_equal(parse_padded(before, 'x', 194, ":12345\r\n" END),
	    GATE_OK);
	assert_int_equal(parse_padded(before, 'x', 195, ":12345\r\n" END),
	    400);
	/* numbers of digits of a port; lengths of an IPv6 address */
	for (n = 0; n <= 6; n++)
		assert_int_equal(parse_padded("GET / HTTP/1.1\r\nHost: a:",
		    '1', n, "\r\n" END), n >= 1 && n <= 5 ? GATE_OK : 400);
	for (n = 0; n <= 3; n++)
		assert_int_equal(parse_padded("GET / HTTP/1.1\r\nHost: [",
		    ':', n, "]\r\n" END), n >= 2 ? GATE_OK : 400);
}

static void
test_limit_length(void **state)
{
	static const char	before[] = "POST / HTTP/1.1\r\n" H
				    "Content-Length: ";

	(void)state;
	assert_int_equal(parse_padded(before, '9', 14, "\r\n" END), GATE_OK);
	assert_true(head.body_len == 99999999999999);
	assert_int_equal(parse_padded(before, '9', 15, "\r\n" END), GATE_OK);
	assert_true(head.body_len == 999999999999999);
	assert_int_equal(parse_padded(before, '9', 16, "\r\n" END), 400);
	assert_int_equal(parse_padded(before, '0', 16, "\r\n" END), 400);
	expect(GATE_OK, "GET / HTTP/1.1\r\n" H "Content-Length: 0\r\n" END);
	expect(400, "GET / HTTP/1.1\r\n" H "Content-Length: 1\r\n" END);
}

/* Parses a head with so many lines of this name after that of the host. */
static int
parse_lines(const char *name, int lines)
{
	char	in[GATE_HEAD_MAX];
	size_t	n;
	int	i;

	n = (size_t)sprintf(in, "GET / HTTP/1.1\r\n" H);
	for (i = 0; i < lines; i++)
		n += (size_t)sprintf(in + n, "%s: v%d\r\n", name, i);
	n += (size_t)sprintf(in + n, END);
	return (parse(in, n));
}

static void
test_limit_lines(void **state)
{
	(void)state;
	assert_int_equal(parse_lines("X", GATE_LINES_MAX - 2), GATE_OK);
	assert_int_equal(parse_lines("X", GATE_LINES_MAX - 1), GATE_OK);
	assert_int_equal(parse_lines("X", GATE_LINES_MAX), 431);
	assert_int_equal(parse_lines("Cookie", 7), GATE_OK);
	assert_string_equal(out, "GET / HTTP/1.1\r\nhost: localhost\r\n"
	    "cookie: v0; v1; v2; v3; v4; v5; v6\r\n\r\n");
	assert_int_equal(parse_lines("Cookie", 8), GATE_OK);
	assert_string_equal(out, "GET / HTTP/1.1\r\nhost: localhost\r\n"
	    "cookie: v0; v1; v2; v3; v4; v5; v6; v7\r\n\r\n");
	assert_int_equal(parse_lines("Cookie", 9), 431);
}

static void
test_limit_head(void **state)
{
	static const char	before[] = "GET / HTTP/1.1\r\n" H "X: ",
			  after[] = "\r\n" END;
	size_t			rest = strlen(before) + strlen(after), n;

	(void)state;
	for (n = GATE_HEAD_MAX - 1; n <= GATE_HEAD_MAX; n++) {
		assert_int_equal(parse_padded(before, 'y', n - rest, after),
		    GATE_OK);
		assert_int_equal(head.in_len, n);
	}
	assert_int_equal(parse_padded(before, 'y', n - rest, after), 431);
	/* an unfinished head */
	rest = strlen(before);
	for (n = GATE_HEAD_MAX - 1; n <= GATE_HEAD_MAX + 1; n++)
		assert_int_equal(parse_padded(before, 'y', n - rest, ""),
		    n < GATE_HEAD_MAX ? GATE_MORE : 431);
}

/* With any size of the buffer, nothing is written past its end. */
static void
test_limit_buffer(void **state)
{
	static const char	in[] = "GET /a HTTP/1.1\r\n" H "Accept: b\r\n"
				    "Cookie: c\r\nConnection: close\r\n" END;
	size_t			cap, n;

	(void)state;
	expect(GATE_OK, in);
	n = head.out_len;
	for (cap = 0; cap <= n + 1; cap++) {
		memset(out, '!', sizeof(out));
		assert_int_equal(gate_parse(in, strlen(in), false, out, cap,
		    &head),
		    cap < n ? 431 : GATE_OK);
		assert_int_equal(out[cap], '!');
	}
}

#define LETTERS	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS	"0123456789"
#define HEX	DIGITS "ABCDEFabcdef"
#define MARKS	"!$&'*+-.^_`|~"	/* allowed in names and targets */

/* Which bytes are allowed at a position; others are refused with 400. */
static void
test_each_byte(void **state)
{
	static const struct {
		const char	*before, *after, *may;
	} at[] = {
		{ "GET /a", " HTTP/1.1\r\n" H END,
		    LETTERS DIGITS MARKS "(),/:;=?@[]{}" },
		{ "GET /%4", " HTTP/1.1\r\n" H END, HEX },
		{ "GET /%", "4 HTTP/1.1\r\n" H END, HEX },
		{ "GET / HTTP/1.1\r\nHost: a", "b\r\n" END,
		    LETTERS DIGITS "-." },
		{ "GET / HTTP/1.1\r\nHost: a:1", "1\r\n" END, DIGITS },
		{ "GET / HTTP/1.1\r\nHost: [:", ":]\r\n" END, HEX ":." },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: 1", "1\r\n" END,
		    DIGITS },
		{ "GET / HTTP/1.1\r\n" H "X", "X: y\r\n" END,
		    LETTERS DIGITS MARKS "#%:" },
	};
	size_t	i;
	int	c;

	(void)state;
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		for (c = 0; c < 256; c++)
			assert_int_equal(parse_padded(at[i].before, c, 1,
			    at[i].after), c != 0 && strchr(at[i].may,
			    c) != NULL ? GATE_OK : 400);
}

/* Which bytes are allowed in a value, and how they are passed on. */
static void
test_each_byte_of_a_value(void **state)
{
	char	wanted[] = "GET / HTTP/1.1\r\nuser-agent: a_b\r\n"
		    "host: localhost\r\n\r\n";
	int	c;

	(void)state;
	for (c = 0; c < 256; c++) {
		if ((c < ' ' && c != '\t') || c == 0x7f) {
			assert_int_equal(parse_padded("GET / HTTP/1.1\r\n" H
			    "User-Agent: a", c, 1, "b\r\n" END), 400);
			continue;
		}
		*(strchr(wanted, ':') + 3) = c == '\t' ? ' ' :
		    c >= 0x80 ? '?' : (char)c;
		assert_int_equal(parse_padded("GET / HTTP/1.1\r\n" H
		    "User-Agent: a", c, 1, "b\r\n" END), GATE_OK);
		assert_string_equal(out, wanted);
	}
}

/* A wrong first byte is refused before a second one arrives. */
static void
test_each_first_byte(void **state)
{
	int	c;

	(void)state;
	for (c = 0; c < 256; c++)
		assert_int_equal(parse_padded("", c, 1, ""), c == ' ' ||
		    (c >= 'A' && c <= 'Z') ? GATE_MORE : 400);
}

/* Every prefix of a head asks for more; what follows the head is ignored. */
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

static void
test_chunked(void **state)
{
	(void)state;
	proxied = true;
	expect_out("POST / HTTP/1.1\r\n" H "Transfer-Encoding: Chunked\r\n"
	    "Content-Type: a/b\r\n" END "5\r\nhello\r\n0\r\n\r\n",
	    "POST / HTTP/1.1\r\ncontent-type: a/b\r\nhost: localhost\r\n"
	    "\r\n");
	assert_true(head.chunked);
	expect(501, "POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, "
	    "chunked\r\n" END);
	expect(400, "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
	    "Content-Length: 5\r\n" END);
	expect(400, "POST / HTTP/1.1\r\n" H "Content-Length: 5\r\n"
	    "Transfer-Encoding: chunked\r\n" END);
	expect(400, "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
	    "Transfer-Encoding: chunked\r\n" END);
	expect(400, "GET / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
	    END);
	expect(400, "POST / HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n"
	    END);
	expect(411, "POST / HTTP/1.1\r\n" H END);
	proxied = false;
	expect(501, "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
	    END);
}

static void
expect_id(const char *lines, const char *wanted)
{
	char	in[400];

	snprintf(in, sizeof(in), "GET / HTTP/1.1\r\n" H "%s" END, lines);
	expect_out(in, "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
	assert_string_equal(head.request_id, wanted);
}

#define SIXTEEN	"0123456789abcdeF"

static void
test_request_id(void **state)
{
	(void)state;
	expect_id("", "");
	expect_id("X-Request-Id: 1234567\r\n", "");
	expect_id("X-Request-Id: 1234567-\r\n", "1234567-");
	expect_id("x-request-id: " SIXTEEN SIXTEEN SIXTEEN SIXTEEN "\r\n",
	    SIXTEEN SIXTEEN SIXTEEN SIXTEEN);
	expect_id("x-request-id: " SIXTEEN SIXTEEN SIXTEEN SIXTEEN "0\r\n", "");
	expect_id("X-Request-Id: 12345678 9\r\n", "");
	expect_id("X-Request-Id: 1234567_\r\nX-Request-Id: " SIXTEEN "\r\n"
	    "X-Request-Id: 12345678\r\n", SIXTEEN);
}

static void
test_forwarding(void **state)
{
	static const char	in[] = "GET / HTTP/1.1\r\n" H
	    "X-Forwarded-For:  a, b \r\nforwarded: for=c\r\n" END;
	char			many[1000] = "GET / HTTP/1.1\r\n" H;
	int			i;

	(void)state;
	expect_out(in, "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
	assert_int_equal(head.forwarding_count, 2);
	assert_true(head.forwarding[0].legacy);
	assert_int_equal(head.forwarding[0].value.n, 4);
	assert_memory_equal(head.forwarding[0].value.s, "a, b", 4);
	assert_false(head.forwarding[1].legacy);
	assert_memory_equal(head.forwarding[1].value.s, "for=c", 5);
	for (i = 0; i < 9; i++)
		strcat(many, "Forwarded: for=x\r\n");
	strcat(many, END);
	expect(GATE_OK, many);
	assert_int_equal(head.forwarding_count, 9);
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
		cmocka_unit_test(test_limit_method),
		cmocka_unit_test(test_limit_target),
		cmocka_unit_test(test_limit_host),
		cmocka_unit_test(test_limit_length),
		cmocka_unit_test(test_limit_lines),
		cmocka_unit_test(test_limit_head),
		cmocka_unit_test(test_limit_buffer),
		cmocka_unit_test(test_each_byte),
		cmocka_unit_test(test_each_byte_of_a_value),
		cmocka_unit_test(test_each_first_byte),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_chunked),
		cmocka_unit_test(test_request_id),
		cmocka_unit_test(test_forwarding),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
