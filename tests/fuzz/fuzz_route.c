/*
 * Paths: the captures of a match are inside the path and not empty, and only
 * {file} contains a slash.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/route_match.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const struct route	table[] = {
	{ .method = GET, .surfaces = ROOT, .path = "/" },
	{ .method = GET, .surfaces = ROOT, .path = "/assets/{version}/{file}" },
	{ .method = GET, .surfaces = CONSOLE, .path = "" },
	{ .method = GET, .surfaces = EVERY, .path = "/calls" },
	{ .method = POST, .surfaces = EVERY, .path = "/calls/{id}" },
	{ .method = GET, .surfaces = EVERY, .path = "/calls/{id}/{name}.mp3" },
	{ .path = NULL }
};

static void
require(int truth)
{
	if (!truth)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct route_match	 m;
	const char		*path;
	char			*copy;
	size_t			 i;

	if (size < 2)
		return (0);
	copy = malloc(size - 1);
	memcpy(copy, data + 1, size - 1);
	path = copy;
	route_match(&m, table, data[0] & 3, path, size - 1);
	require(m.base != NULL && m.surface != 0);
	if (m.outcome == ROUTE_FOUND) {
		require((m.route->surfaces & m.surface) != 0);
		require(m.route->method == (enum method)(data[0] & 3));
		for (i = 0; i < 2 && m.captures[i].s != NULL; i++) {
			require(m.captures[i].n > 0);
			require(m.captures[i].s >= path && m.captures[i].s +
			    m.captures[i].n <= path + size - 1);
			require(m.route == &table[1] || memchr(
			    m.captures[i].s, '/', m.captures[i].n) == NULL);
		}
	}
	free(copy);
	return (0);
}
