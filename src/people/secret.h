/* A password given to a command: read, judged, hashed, forgotten. */
#ifndef PEOPLE_SECRET_H
#define PEOPLE_SECRET_H

#include <stdbool.h>

#include "onepass/onepass.h"

struct secret_source {
	const char	*file;		/* its first line; NULL: none */
	bool		 stdin_used;	/* the first line of standard input */
};

bool	secret_given(const struct secret_source *);
/* false: said on standard error why. */
bool	secret_hash(const struct secret_source *,
	    char hash[PASSWORD_HASH_SIZE]);

#endif
