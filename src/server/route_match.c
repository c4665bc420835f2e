/* See route_match.h. The table is short, so the search is linear. */
#include <string.h>

#include "server/route_match.h"

static const struct {
	enum surface	 surface;
	const char	*base;
} surfaces[] = {
	{ API, "/api/v1" },
	{ CONSOLE, "/console" },
	{ BOARD, "/board" },
	{ ROOT, "" },
};

/* Finds the surface and removes it from the path. */
static void
surface_find(struct route_match *m, const char **path, size_t *n)
{
	size_t	i, len;

	for (i = 0;; i++) {
		len = strlen(surfaces[i].base);
		if (len <= *n && memcmp(*path, surfaces[i].base, len) == 0 &&
		    (len == 0 || len == *n || (*path)[len] == '/'))
			break;
	}
	m->surface = surfaces[i].surface;
	m->base = surfaces[i].base;
	*path += len;
	*n -= len;
}

/* Returns whether the path matches that of the row. Sets the captures. */
static bool
path_matches(struct route_match *m, const char *row, const char *path,
    size_t n)
{
	const char	*end = path + n, *close;
	size_t		 captures = 0, len;
	bool		 rest;

	m->captures[0].s = m->captures[1].s = NULL;
	while (*row != '\0') {
		if (*row != '{') {
			if (path == end || *path++ != *row++)
				return (false);
			continue;
		}
		if ((close = strchr(row, '}')) == NULL || captures == 2)
			return (false);
		rest = strcmp(row, "{file}") == 0;
		for (len = 0; path + len < end && (rest || path[len] != '/');)
			len++;
		if (len == 0)
			return (false);
		m->captures[captures].s = path;
		m->captures[captures++].n = len;
		path += len;
		row = close + 1;
	}
	return (path == end);
}

static void
table_search(struct route_match *m, const struct route *table,
    unsigned method, const char *path, size_t n)
{
	const struct route	*r;

	m->methods = 0;
	for (r = table; r->path != NULL; r++) {
		if ((r->surfaces & m->surface) == 0 ||
		    !path_matches(m, r->path, path, n))
			continue;
		m->methods |= r->method;
		if (r->method == method) {
			m->outcome = ROUTE_FOUND;
			m->route = r;
			return;
		}
	}
	m->outcome = m->methods != 0 ? ROUTE_METHOD : ROUTE_NONE;
}

void
route_match(struct route_match *m, const struct route *table,
    unsigned method, const char *path, size_t n)
{
	memset(m, 0, sizeof(*m));
	surface_find(m, &path, &n);
	table_search(m, table, method, path, n);
	if (m->outcome == ROUTE_NONE && (m->surface & PAGES) != 0 && n > 0 &&
	    path[n - 1] == '/') {
		table_search(m, table, method, path, n - 1);
		m->outcome = m->methods != 0 ? ROUTE_SLASH : ROUTE_NONE;
	}
}
