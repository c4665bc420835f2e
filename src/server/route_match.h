/*
 * Finds the row of the route table for a method and a path. Allocates nothing.
 */
#ifndef SERVER_ROUTE_MATCH_H
#define SERVER_ROUTE_MATCH_H

#include "server/context.h"

struct route_match {
	enum {
		ROUTE_FOUND,
		ROUTE_NONE,		/* 404 */
		ROUTE_METHOD,		/* 405, or 204 for OPTIONS */
		ROUTE_SLASH		/* 308 to the page without last / */
	}			 outcome;
	const struct route	*route;		/* set if ROUTE_FOUND */
	enum surface		 surface;	/* always set */
	const char		*base;		/* always set: "/console", … */
	unsigned		 methods;	/* of all rows of this path */
	struct {
		const char	*s;		/* inside path */
		size_t		 n;
	}			 captures[2];	/* s NULL: none */
};

/*
 * method is one of enum method, or 0 for OPTIONS. path has n bytes, begins
 * with "/" and has no query. A capture is one segment that is not empty; a
 * last capture named {file} is the rest of the path.
 */
void	route_match(struct route_match *m, const struct route *table,
	    unsigned method, const char *path, size_t n);

#endif
