/* Reads and hashes the password given to a command, see secret.h. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/embedded.h"
#include "base/words.h"
#include "people/secret.h"

#define LINE_MAX_BYTES	3100	/* more than password_problem() accepts */

bool
secret_given(const struct secret_source *source)
{
	return (source->file != NULL || source->stdin_used);
}

/* Reads the first line, without its end; returns false after a message. */
static bool
secret_read(const struct secret_source *source, char line[LINE_MAX_BYTES])
{
	FILE	*in = stdin;
	bool	 ok;

	if (source->file != NULL && (in = fopen(source->file, "r")) == NULL) {
		fprintf(stderr, "smartrecord: %s: %s\n", source->file,
		    strerror(errno));
		return (false);
	}
	ok = fgets(line, LINE_MAX_BYTES, in) != NULL;
	if (!ok)
		fprintf(stderr, "smartrecord: no password could be read\n");
	else
		line[strcspn(line, "\r\n")] = '\0';
	if (in != stdin)
		fclose(in);
	return (ok);
}

bool
secret_hash(const struct secret_source *source, char hash[PASSWORD_HASH_SIZE])
{
	char		 line[LINE_MAX_BYTES];
	const char	*problem;
	bool		 ok = false;

	if (!secret_read(source, line))
		return (false);
	if ((problem = password_problem(line)) != NULL)
		fprintf(stderr, "smartrecord: %s\n", tr(LANG_EN, problem));
	else if (!(ok = password_hash(line, hash)))
		fprintf(stderr, "smartrecord: no memory to hash it\n");
	sodium_memzero(line, sizeof(line));
	return (ok);
}
