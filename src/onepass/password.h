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
/* Bytes, as typed; a prepared form has 1,000 at most, and letters that are not
 * composed up to three times as many. */
#define PASSWORD_MAX		3000

/*
 * Passwords are hashed in their prepared form (text_opaque()), so that those of
 * devices that compose accents and of devices that do not are the same. Older
 * ones were hashed as they were typed.
 */
/*
 * Writes a salted, NUL-terminated hash that contains its own parameters.
 * Returns false when there is no memory.
 */
bool		 password_hash(const char *password,
		    char out[PASSWORD_HASH_SIZE]);
/*
 * Returns OK or DENIED. hash NULL (unknown person or no password yet) costs the
 * same work and gives DENIED. renewed gets the hash that is to replace this
 * one, when the password was right only as it was typed; else "".
 */
enum result	 password_check(const char *hash, const char *password,
		    char renewed[PASSWORD_HASH_SIZE]);
/*
 * Returns NULL when the password may be chosen, else why not: a French sentence
 * of en.json.
 */
const char	*password_problem(const char *password);

#endif
