/* Reads, judges and hashes the password given to a command, then wipes it. */
#ifndef PEOPLE_SECRET_H
#define PEOPLE_SECRET_H

#include <stdbool.h>

#include "onepass/onepass.h"

struct secret_source {
	const char	*file;		/* its first line; NULL: none */
	bool		 stdin_used;	/* the first line of standard input */
};

/* Returns true when the options name a source. */
bool	secret_given(const struct secret_source *);
/*
 * Writes the hash of the password. Returns false after a message on standard
 * error: it can't be read, may not be chosen, or there is no memory.
 */
bool	secret_hash(const struct secret_source *,
	    char hash[PASSWORD_HASH_SIZE]);

#endif
