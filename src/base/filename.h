/*
 * Names of downloaded files, made of names and subjects of calls so that
 * every system accepts them, and the Content-Disposition header that carries
 * them (RFC 6266, RFC 8187). Texts are valid UTF-8.
 */
#ifndef BASE_FILENAME_H
#define BASE_FILENAME_H

#include <stddef.h>

#include "base/arena.h"

#define FILENAME_MAX_BYTES	180	/* of a name with its ending */

/*
 * Makes a name in the arena: the parts that are not empty or NULL, " - "
 * between them, then the ending (".mp3"). Removes < > : " / \ | ? *, control
 * characters, invisible and direction-changing characters, and dots and
 * spaces at either end; avoids names reserved by DOS. A name that is too long
 * is truncated between characters. The result is never empty.
 */
char	*filename_make(struct arena *a, const char *const *parts, size_t n,
	    const char *ending);

/* Value of Content-Disposition, in the arena: kind ("attachment"), the name
 * in ASCII, and the full name as filename* when the two differ. */
char	*filename_disposition(struct arena *a, const char *kind,
	    const char *name);

#endif
