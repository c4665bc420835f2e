/*
 * Writes that may come twice: a client that heard no answer asks again under
 * the same key (draft-ietf-httpapi-idempotency-key-header), and the database
 * tells by it what it has done already.
 */
#ifndef SERVER_ONCE_H
#define SERVER_ONCE_H

#include "server/context.h"

/* The request's key: the header Idempotency-Key, or a page's field "request".
 * NULL: none. false: replied that it is none that can be kept. */
bool		 once_key(struct ctx *, const char **key);
/* What was asked, from its two halves, so that a key stands for one request
 * only; hexadecimal, in the arena. */
const char	*once_hash(struct ctx *, const char *how, const char *what);
/* 409: the key has served for another request. */
void		 once_conflict(struct ctx *);

#endif
