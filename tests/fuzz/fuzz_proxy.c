/*
 * The header of the PROXY protocol: a header that is accepted lies inside the
 * input, is refused or incomplete no more when bytes follow, and was incomplete
 * before its last byte.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/proxy_parse.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
require(int truth)
{
	if (!truth)
		abort();
}

/* The sanitizer detects a read past the copy. */
static int
parse(const uint8_t *data, size_t n, struct proxy_header *h)
{
	uint8_t	*copy = malloc(n == 0 ? 1 : n);
	int	 result;

	memcpy(copy, data, n);
	result = proxy_parse(copy, n, h);
	free(copy);
	return (result);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proxy_header	h, again;
	int			result = parse(data, size, &h);

	require(result == PROXY_BAD || result == PROXY_MORE ||
	    result == PROXY_OK);
	if (result != PROXY_OK)
		return (0);
	require(h.len >= 16 && h.len <= size && h.len <= PROXY_HEADER_MAX);
	require(!h.local || !h.tls);
	require(parse(data, h.len, &again) == PROXY_OK);
	require(again.len == h.len && again.tls == h.tls &&
	    memcmp(&again.ip, &h.ip, sizeof(h.ip)) == 0);
	require(parse(data, h.len - 1, &again) == PROXY_MORE);
	return (0);
}
