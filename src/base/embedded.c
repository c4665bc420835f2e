/*
 * Finds a file compiled into the binary. conf/embed generates the table, in
 * build/gen/embedded_files.c.
 */
#include <string.h>

#include "base/embedded.h"

const struct embedded *
embedded_get(const char *name)
{
	const struct embedded	*f;

	for (f = embedded_files; f->name != NULL; f++)
		if (strcmp(f->name, name) == 0)
			return (f);
	return (NULL);
}
