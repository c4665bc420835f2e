/*
 * Access checks before a handler: the right of the route, the scope of the
 * queries, the origin of a write.
 */
#ifndef SERVER_ACCESS_H
#define SERVER_ACCESS_H

#include "server/context.h"

/* Sets c->scope to what the right of the route allows on this surface. Returns
 * false after it replied 400, 403 or 404. */
bool	access_check(struct ctx *c);
/* Checks that a write comes from a page of this service: by Sec-Fetch-Site,
 * Origin and, with a session, the CSRF token. Returns false after it replied
 * 403. */
bool	access_origin(struct ctx *c);
/* Adds this refused request (403) to the access log. Does not reply. */
void	access_refused(struct ctx *c);

#endif
