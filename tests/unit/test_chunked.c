/* Chunked bodies: the decoder; and bodies of either kind that are collected. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/chunked.h"
#include "server/collect.h"
#include "server/gate_parse.h"

#define HEAD	"POST / HTTP/1.1\r\nhost: a\r\n\r\n"

/* Memory that bodies may still have. */
static size_t	memory;

static int
room(void *arg, size_t more)
{
	(void)arg;
	if (more > memory)
		return (503);
	memory -= more;
	return (0);
}

/* Adds in to the body in pieces of a size. */
static int
add(struct collect *c, const char *in, size_t piece, size_t *read)
{
	size_t	n, used;
	int	status = GATE_MORE;

	for (*read = 0; in[*read] != '\0' && status == GATE_MORE;
	    *read += used) {
		n = strlen(in + *read);
		status = collect_add(c, in + *read, n < piece ? n : piece,
		    &used, room, NULL);
		assert_true(status != GATE_MORE || used == (n < piece ? n :
		    piece));
	}
	return (status);
}

static void
expect(const char *in, size_t max, int wanted)
{
	struct collect	*c;
	size_t		 piece, n;
	int		 status;

	for (piece = 1; piece < 40; piece++) {
		memory = 1 << 20;
		c = collect_new(HEAD, strlen(HEAD), COLLECT_CHUNKED, max);
		if ((status = add(c, in, piece, &n)) != wanted)
			fail_msg("%d, not %d, for: %s", status, wanted, in);
		collect_free(c);
	}
}

static void
test_body(void **state)
{
	static const char	 in[] = "5\r\nhello\r\n00B\r\n, the world"
	    "\r\n0\r\n\r\nGET / HTTP/1.1\r\n";
	struct collect		*c;
	char			 out[200];
	size_t			 piece, n;

	(void)state;
	for (piece = 1; piece < sizeof(in); piece++) {
		memory = 1 << 20;
		c = collect_new(HEAD, strlen(HEAD), COLLECT_CHUNKED, 16);
		assert_int_equal(add(c, in, piece, &n), GATE_OK);
		assert_string_equal(in + n, "GET / HTTP/1.1\r\n");
		assert_int_equal(collect_length(c), 16);
		n = collect_head(c, 16, out, sizeof(out));
		out[n] = '\0';
		assert_string_equal(out, "POST / HTTP/1.1\r\nhost: a\r\n"
		    "content-length: 16\r\n\r\n");
		assert_int_equal(collect_head(c, 16, out, n), 0);
		assert_int_equal(collect_take(c, out, 6), 6);
		assert_int_equal(collect_take(c, out + 6, 100), 10);
		assert_memory_equal(out, "hello, the world", 16);
		assert_int_equal(collect_take(c, out, 1), 0);
		collect_free(c);
	}
}

/* A body with a length: its head has Content-Length at any position. */
static void
test_length(void **state)
{
	static const char *const	 heads[] = {
		"PUT / HTTP/1.1\r\ncontent-length: 5\r\nhost: a\r\n\r\n",
		"PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n"
	};
	static const char		 in[] = "helloGET /";
	struct collect			*c;
	char				 out[200];
	size_t				 i, n, piece;

	(void)state;
	for (i = 0; i < 2; i++)
		for (piece = 1; piece < sizeof(in); piece++) {
			memory = 5;
			c = collect_new(heads[i], strlen(heads[i]), 5, 0);
			n = collect_head(c, 0, out, sizeof(out));
			out[n] = '\0';
			assert_string_equal(out, "PUT / HTTP/1.1\r\nhost: a\r\n"
			    "content-length: 0\r\n\r\n");
			assert_int_equal(add(c, in, piece, &n), GATE_OK);
			assert_string_equal(in + n, "GET /");
			assert_int_equal(collect_length(c), 5);
			assert_int_equal(collect_take(c, out, 100), 5);
			assert_memory_equal(out, "hello", 5);
			assert_int_equal(memory, 0);
			collect_free(c);
		}
}

/* The memory of a body grows with what has arrived, not with its length. */
static void
test_memory(void **state)
{
	static char	 bytes[8192];
	struct collect	*c;
	size_t		 used;

	(void)state;
	memory = 8191;
	c = collect_new(HEAD, strlen(HEAD), 1 << 20, 0);
	assert_int_equal(collect_add(c, bytes, 1, &used, room, NULL),
	    GATE_MORE);
	assert_int_equal(memory, 4095);
	assert_int_equal(collect_add(c, bytes, 4095, &used, room, NULL),
	    GATE_MORE);
	assert_int_equal(memory, 4095);
	assert_int_equal(collect_add(c, bytes, 1, &used, room, NULL), 503);
	assert_int_equal(used, 0);
	collect_free(c);
}

static void
test_bounds(void **state)
{
	(void)state;
	expect("0\r\n\r\n", 0, GATE_OK);
	expect("1\r\na\r\n0\r\n\r\n", 0, 413);
	expect("8\r\n12345678\r\n0\r\n\r\n", 8, GATE_OK);
	expect("9\r\n", 8, 413);
	expect("8\r\n12345678\r\n1\r\n", 8, 413);
	expect("ffffffff\r\n", 65536, 413);
}

static void
test_refused(void **state)
{
	(void)state;
	expect("\r\n", 8, 400);
	expect("g\r\n", 8, 400);
	expect("-1\r\n", 8, 400);
	expect("0x1\r\n", 8, 400);
	expect(" 1\r\n", 8, 400);
	expect("1 \r\n", 8, 400);
	expect("1\n", 8, 400);
	expect("000000001\r\n", 8, 400);	/* nine digits */
	expect("1;name=value\r\n", 8, 400);	/* an extension */
	expect("1\r\nab", 8, 400);
	expect("1\r\na\n", 8, 400);
	expect("0\r\nX: y\r\n\r\n", 8, 400);	/* a trailer */
	expect("0\r\n\r\r", 8, 400);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_body),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
