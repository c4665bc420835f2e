/* Checks and hashes passwords on threads, outside the event loop. */
#ifndef ONEPASS_CHECK_H
#define ONEPASS_CHECK_H

#include <stdbool.h>

#include "server/context.h"

#define PASSWORD_MAX	1000	/* bytes; callers refuse longer ones */

/*
 * Starts the two lanes of a worker, once: one for browsers that signed in
 * before, one for all others. Ends the process when a thread can't start.
 */
void	check_start(void);
/*
 * Checks password against hash and calls answer with OK or DENIED, on the event
 * loop. hash NULL (unknown person or no password yet) costs the same work and
 * gives DENIED. Copies hash and password, and wipes the caller's password.
 * known chooses the lane; a full lane replies 503 instead.
 */
typedef void	(*check_answered)(struct ctx *, enum result, void *arg);
void	check_password(struct ctx *, bool known, const char *hash,
	    char *password, check_answered, void *arg);
/*
 * Hashes password and calls the callback with the hash, which is valid during
 * the call. Copies and wipes the caller's password. A full lane or no memory
 * replies 503 instead. The caller has checked password_problem().
 */
typedef void	(*check_hashed)(struct ctx *, const char *hash, void *arg);
void	check_hash(struct ctx *, bool known, char *password, check_hashed,
	    void *arg);

#endif
