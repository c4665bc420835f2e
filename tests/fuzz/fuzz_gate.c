/*
 * Request heads: for any input, the output is a head that Kore parses in the
 * same way: a known method first, no control byte, one Host, one empty line at
 * its end, and a body only if the method allows one.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/gate_parse.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
require(int truth)
{
	if (!truth)
		abort();
}

static void
check(const char *out, const struct gate_head *h)
{
	size_t	i, lines = 0, hosts = 0;

	require(h->out_len >= 4 && h->out_len <= GATE_OUT_MAX);
	for (i = 0; i < h->out_len; i++) {
		if (out[i] != '\r') {
			require(out[i] >= ' ' && out[i] < 0x7f);
			continue;
		}
		require(i + 1 < h->out_len && out[i + 1] == '\n');
		i++;
		lines++;
		if (i + 7 < h->out_len && memcmp(out + i + 1, "host: ", 6) == 0)
			hosts++;
		if (i + 2 < h->out_len && out[i + 1] == '\r')
			require(i + 3 == h->out_len);
	}
	require(memcmp(out + h->out_len - 4, "\r\n\r\n", 4) == 0);
	require(hosts == 1 && lines <= 24);
	require(h->body_len == 0 || h->method[0] == 'P');
	require(h->target_len > 0 && h->target[0] == '/');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char		 out[GATE_OUT_MAX], again[GATE_OUT_MAX];
	struct gate_head	 h, h2;
	char			*copy;
	int			 status;

	/* The sanitizer detects a read past this block. */
	copy = malloc(size == 0 ? 1 : size);
	memcpy(copy, data, size);
	status = gate_parse(copy, size, size % 2 == 1, out, sizeof(out), &h);
	require(status == GATE_MORE || status == GATE_OK ||
	    (status >= 400 && status <= 505));
	if (status == GATE_OK) {
		require(h.in_len <= size);
		check(out, &h);
		/* The output must be accepted too. It has no Content-Length
		 * where no body is allowed, or before a chunked body. */
		status = gate_parse(out, h.out_len, false, again,
		    sizeof(again), &h2);
		require(h.chunked ? status == 411 && size % 2 == 1 :
		    status == GATE_OK && h2.body_len == h.body_len);
		require(h2.in_len == h.out_len);
	}
	free(copy);
	return (0);
}
