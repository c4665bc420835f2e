/*
 * Idempotent writes: a client that got no response repeats the request with
 * the same key (draft-ietf-httpapi-idempotency-key-header). The database
 * stores the key with the hash of the request.
 */
#ifndef SERVER_ONCE_H
#define SERVER_ONCE_H

#include "server/context.h"

/* Stores the key of the request: the header Idempotency-Key, or the field
 * "request" of a form; NULL when it has none. Returns false after it replied
 * 400 to an invalid key. */
bool		 once_key(struct ctx *, const char **key);
/* Hash of the two parts of a request, which detects a key that is used for
 * another request; hexadecimal, in the arena. */
const char	*once_hash(struct ctx *, const char *how, const char *what);
/* Evaluates the outcome of a write with a key. Returns true for "created" and
 * "exists" (written by an earlier request). Otherwise returns false after it
 * replied: 409 to "conflict", when the key was used for another request; 404
 * to "empty", when the request selects nothing. */
bool		 once_done(struct ctx *, const char *outcome);

#endif
