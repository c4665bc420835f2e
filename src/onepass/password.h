/*
 * Hashes and checks passwords with argon2id (RFC 9106, by libsodium), and
 * judges the ones that people choose. A hash or check takes tens of
 * milliseconds and 19 MiB, so it runs on a thread, never on the event loop.
 */
#ifndef ONEPASS_PASSWORD_H
#define ONEPASS_PASSWORD_H

#include <stdbool.h>

#include "base/result.h"

#define PASSWORD_HASH_SIZE	128

/*
 * Writes a salted, NUL-terminated hash that contains its own parameters.
 * Returns false when there is no memory.
 */
bool		 password_hash(const char *password,
		    char out[PASSWORD_HASH_SIZE]);
/*
 * Returns OK or DENIED. hash NULL (unknown person or no password yet) costs the
 * same work and gives DENIED.
 */
enum result	 password_check(const char *hash, const char *password);
/*
 * Returns NULL when the password may be chosen, else why not: a French sentence
 * of en.json.
 */
const char	*password_problem(const char *password);

#endif
