/* Checks and hashes passwords on threads, outside the event loop. */
#ifndef ONEPASS_CHECK_H
#define ONEPASS_CHECK_H

#include <stdbool.h>

#include "onepass/password.h"
#include "server/context.h"

/*
 * Starts the threads of a worker, once. Ends the process when one can't start.
 * Checks wait for their turn (base/heavy.h): strangers by network and the
 * address that is typed, browsers that signed in before by person, and all
 * strangers together leave a slot of the node to the others.
 */
void	check_start(void);
/*
 * Checks password against hash and calls answer with OK or DENIED, on the event
 * loop. hash NULL (unknown person or no password yet) costs the same work and
 * gives DENIED. Copies hash and password, and wipes the caller's password.
 * key is whose turn it needs; one with too many waiting gets 429 instead.
 * renewed is the hash that is to replace this one, valid during the call, or
 * NULL. Callers refuse passwords longer than PASSWORD_MAX.
 */
typedef void	(*check_answered)(struct ctx *, enum result,
	    const char *renewed, void *arg);
void	check_password(struct ctx *, const struct fair_key *key,
	    const char *hash, char *password, check_answered, void *arg);
/*
 * Hashes password and calls the callback with the hash, which is valid during
 * the call. Copies and wipes the caller's password. Too many waiting: 429, no
 * memory: 503 instead. The caller has checked password_problem().
 */
typedef void	(*check_hashed)(struct ctx *, const char *hash, void *arg);
void	check_hash(struct ctx *, const struct fair_key *key, char *password,
	    check_hashed, void *arg);

#endif
