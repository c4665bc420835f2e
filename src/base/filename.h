/*
 * Names of files that people keep: safe on every system, whatever a caller
 * or a subject is called, and how they travel in a header (RFC 6266, RFC
 * 8187). Texts are valid UTF-8.
 */
#ifndef BASE_FILENAME_H
#define BASE_FILENAME_H

#include <stddef.h>

#include "base/arena.h"

#define FILENAME_MAX_BYTES	180	/* of a name, its ending included */

/*
 * The parts that say something, cleaned, " - " between them, then the ending
 * (".mp3"). Without < > : " / \ | ? * and control characters, without marks
 * that turn text around or can't be seen, no dot or space at either end, no
 * name reserved by DOS; cut between characters when too long. Never empty.
 */
char	*filename_make(struct arena *a, const char *const *parts, size_t n,
	    const char *ending);

/* Value of Content-Disposition: kind ("attachment"), the name in ASCII and,
 * when that loses something, whole as filename*. */
char	*filename_disposition(struct arena *a, const char *kind,
	    const char *name);

#endif
