/*
 * Which row of the route table a method and a path mean. Pure: the table is
 * an argument, nothing is allocated.
 */
#ifndef SERVER_ROUTE_MATCH_H
#define SERVER_ROUTE_MATCH_H

#include "server/context.h"

struct route_match {
	enum {
		ROUTE_FOUND,
		ROUTE_NONE,		/* 404 */
		ROUTE_METHOD,		/* 405, or 204 for OPTIONS */
		ROUTE_SLASH		/* 308: a page, without its last / */
	}			 outcome;
	const struct route	*route;		/* FOUND */
	enum surface		 surface;	/* always */
	const char		*base;		/* always: "/console", … "" */
	unsigned		 methods;	/* of all rows of this path */
	struct {
		const char	*s;		/* inside path */
		size_t		 n;
	}			 captures[2];	/* s NULL: none */
};

/*
 * method: bits of enum method (0: OPTIONS). path: n bytes, begins with /,
 * without query. A capture is one segment, not empty; a last one called
 * {file} takes the rest of the path.
 */
void	route_match(struct route_match *m, const struct route *table,
	    unsigned method, const char *path, size_t n);

#endif
