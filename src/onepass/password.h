/*
 * Passwords: argon2id (RFC 9106) by libsodium, tens of milliseconds and
 * 19 MiB each: never on an event loop. And which ones people may choose.
 */
#ifndef ONEPASS_PASSWORD_H
#define ONEPASS_PASSWORD_H

#include <stdbool.h>

#include "base/result.h"

#define PASSWORD_HASH_SIZE	128

/* A salted hash that names its own parameters, NUL-terminated. false: no
 * memory. */
bool		 password_hash(const char *password,
		    char out[PASSWORD_HASH_SIZE]);
/* OK or DENIED. hash NULL (nobody, or no password yet): the same work, then
 * DENIED. */
enum result	 password_check(const char *hash, const char *password);
/* Why it may not be chosen, a French sentence known to en.json; NULL: fine. */
const char	*password_problem(const char *password);

#endif
