/*
 * Files compiled into the binary: SQL, migrations, templates, assets and
 * Kore's configuration. Made by conf/embed; names are paths from the top of
 * the source tree.
 */
#ifndef BASE_EMBEDDED_H
#define BASE_EMBEDDED_H

#include <stddef.h>

struct embedded {
	const char	*name;	/* "templates/recordings/list.html" */
	const char	*bytes;	/* NUL-terminated behind len */
	size_t		 len;
};

/* Sorted by name; ends with a NULL name. */
extern const struct embedded	 embedded_files[];
/* NULL: no such file. */
const struct embedded		*embedded_get(const char *name);

#endif
