/*
 * Removes the objects listed in the table store_removal from the store, then
 * their rows. If it is killed in between, it removes them again, without
 * effect.
 */
#ifndef JOBS_REMOVAL_H
#define JOBS_REMOVAL_H

#include <stdbool.h>

#include "db/db.h"
#include "store/store.h"

/*
 * Removes all objects that are due. Returns false when the database is away, or
 * the store for some of them, whose rows then stay.
 */
bool	removal_run(struct db *db, const struct store *store);

#endif
