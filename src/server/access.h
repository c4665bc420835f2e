/*
 * May this person do this here: right of the row, scope, origin of a write.
 */
#ifndef SERVER_ACCESS_H
#define SERVER_ACCESS_H

#include "server/context.h"

/* Sets c->scope to what the row's right allows on this surface. false:
 * replied with 403 or 400. */
bool	access_check(struct ctx *c);
/* A write must come from a page of ours: Sec-Fetch-Site, Origin, and with a
 * session its token. false: replied with 403. */
bool	access_origin(struct ctx *c);
/* Writes into the access log that this request is refused (403). */
void	access_refused(struct ctx *c);

#endif
