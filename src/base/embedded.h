/*
 * Files compiled into the binary: SQL, migrations, templates, assets, the
 * manual and Kore's configuration. conf/embed generates the table. A name is
 * the path from the top of the source tree.
 */
#ifndef BASE_EMBEDDED_H
#define BASE_EMBEDDED_H

#include <stddef.h>

struct embedded {
	const char	*name;	/* "templates/recordings/list.html" */
	const char	*bytes;	/* len bytes and a NUL */
	size_t		 len;
};

/* Sorted by name. The last entry has the name NULL. */
extern const struct embedded	 embedded_files[];
/* Returns NULL when there is no such file. */
const struct embedded		*embedded_get(const char *name);

#endif
