/*
 * Whose sessions a worker has seen lately. The look-up of a session comes
 * before anyone is known: it waits in the queue of the customer that the
 * session was seen with; that of another session in a queue of its own
 * (FAIR_SESSION), not in that of strangers. Decides nothing else.
 */
#ifndef SERVER_RECENT_H
#define SERVER_RECENT_H

#include "base/fair.h"

/* hash is that of a session's token, see token_hash(). recent_find() leaves the
 * key as it is when it does not know the session. */
void	recent_keep(const char *hash, const struct fair_key *);
void	recent_find(const char *hash, struct fair_key *);
void	recent_forget(const char *hash);

#endif
