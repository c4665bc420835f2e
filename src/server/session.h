/*
 * Who is asking, and whether they may: session cookie, rights of the route's
 * row, CSRF. Runs before every handler.
 */
#ifndef SERVER_SESSION_H
#define SERVER_SESSION_H

/* The token of base/token.h; "csrf" is derived from it by token_derive(). */
#define SESSION_COOKIE	"__Host-session"
/* "fr" or "en": the choice of somebody not signed in. A person's own choice
 * (session_find's language) comes first, then this, then Accept-Language. */
#define LANGUAGE_COOKIE	"__Host-lang"

#endif
