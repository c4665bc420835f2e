/*
 * The SQL functions, from the files src/<dir>/functions/ in the binary. They
 * are created in a schema named after the checksum of all of them, which is
 * first in the search path of every query. So binaries of two releases can use
 * one database, each with its own functions. Only the schema pipeline, the
 * interface of the capture pipeline, is shared: it has the newest functions.
 */
#ifndef DB_RELEASE_H
#define DB_RELEASE_H

#include <stdbool.h>

#include "base/embedded.h"

/* Name of the schema with the functions of this binary: "functions_" and 12
 * hexadecimal digits. */
const char	*release_schema(void);
/* The search path of each query; it starts with that schema. */
const char	*release_search_path(void);

/* Calls each() with every file of functions, lowest directory first, until it
 * returns false. Returns whether it always returned true. */
bool		 release_files(bool (*each)(const struct embedded *, void *),
		    void *arg);

#endif
