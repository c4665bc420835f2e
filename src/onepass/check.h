/* Passwords checked and hashed off the event loop. */
#ifndef ONEPASS_CHECK_H
#define ONEPASS_CHECK_H

#include <stdbool.h>

#include "server/context.h"

#define PASSWORD_MAX	1000	/* bytes; a longer one is no password */

/* Once in each worker: a lane for strangers and one for known browsers. */
void	check_start(void);
/* Checks the password, which is wiped, against hash (NULL: nobody's); answer
 * gets OK or DENIED, or 503 was replied since the lane is full. */
void	check_password(struct ctx *, bool known, const char *hash,
	    char *password, void (*answer)(struct ctx *, enum result));
/* Hashes a password that was found fit, which is wiped; answer gets the hash,
 * valid during the call, or 503 was replied. */
void	check_hash(struct ctx *, bool known, char *password,
	    void (*answer)(struct ctx *, const char *hash));

#endif
