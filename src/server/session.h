/*
 * Sessions: finds the person of a request by the session cookie.
 */
#ifndef SERVER_SESSION_H
#define SERVER_SESSION_H

#include "server/context.h"

/* Its value is a token (base/token.h). token_derive() makes the CSRF token. */
#define SESSION_COOKIE	"__Host-session"
/* "fr" or "en": the language chosen before signing in. The language stored for
 * a person has priority over it, and it over Accept-Language. */
#define LANGUAGE_COOKIE	"__Host-lang"

/* Sets c->person (NULL when there is no session), c->lang, c->brand and
 * c->place, then calls next. Replies itself when the query fails. */
void	session_find(struct ctx *c, void (*next)(struct ctx *));

#endif
