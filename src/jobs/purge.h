/*
 * Removes the rows of deleted and expired recordings, in batches, and empty
 * partitions. Each batch is a transaction, which also adds the recordings'
 * objects to store_removal.
 */
#ifndef JOBS_PURGE_H
#define JOBS_PURGE_H

#include <stdbool.h>

#include "db/db.h"

/* Called between two batches; false ends the purge. */
typedef bool	(*purge_going)(void *arg);

/*
 * Removes the rows of all deleted recordings. Returns false when the database
 * is away.
 */
bool	purge_deleted(struct db *, purge_going, void *arg);
/*
 * Removes expired recordings and empty partitions. Removes nothing, and logs an
 * alarm, when purge_clock() does not trust the clock. Returns false when the
 * database is away.
 */
bool	purge_expired(struct db *, purge_going, void *arg);

#endif
