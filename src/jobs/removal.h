/*
 * Objects that the database has condemned (table store_removal) are removed
 * from the store, then forgotten. Killed in between, it removes them again,
 * which changes nothing.
 */
#ifndef JOBS_REMOVAL_H
#define JOBS_REMOVAL_H

#include <stdbool.h>

#include "db/db.h"
#include "store/store.h"

/* All that are due; false: the database was away, or the store for some of
 * them, which then stay condemned. */
bool	removal_run(struct db *db, const struct store *store);

#endif
