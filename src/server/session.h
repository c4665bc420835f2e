/*
 * Who is asking: the session cookie and the person behind it.
 */
#ifndef SERVER_SESSION_H
#define SERVER_SESSION_H

#include "server/context.h"

/* The token of base/token.h; "csrf" is derived from it by token_derive(). */
#define SESSION_COOKIE	"__Host-session"
/* "fr" or "en": the choice of somebody not signed in. A person's own choice
 * (session_find's language) comes first, then this, then Accept-Language. */
#define LANGUAGE_COOKIE	"__Host-lang"

/* Fills in c->person (NULL: nobody) and c->lang, then calls next; replies
 * by itself when the database can't tell. */
void	session_find(struct ctx *c, void (*next)(struct ctx *));

#endif
