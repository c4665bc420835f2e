/* The schema with the functions of this binary, see release.h. */
#ifndef DB_SCHEMA_H
#define DB_SCHEMA_H

#include <stdbool.h>

#include "db/db.h"

/* Creates the schema with all functions, unless it exists, and drops the
 * schemas of older releases but two, in one transaction. *installed is whether
 * the schema was created. Returns OK, or BUSY when a lock was not granted, or
 * another outcome: *why is then a message that the caller frees, and *name the
 * file that failed. */
enum result	schema_install(struct db *, bool *installed,
		    const char **name, char **why);

#endif
