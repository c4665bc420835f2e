/*
 * What goes for good: recordings that were deleted or have expired, in
 * batches, each a transaction that also hands their objects over for removal;
 * and the partitions that have become empty.
 */
#ifndef JOBS_PURGE_H
#define JOBS_PURGE_H

#include <stdbool.h>

#include "db/db.h"

/* Asked between two batches: is there still time? */
typedef bool	(*purge_going)(void *arg);

/* Goes on with what people deleted, until there is nothing left. false: the
 * database was away. */
bool	purge_deleted(struct db *, purge_going, void *arg);
/* Removes what has expired, and empty partitions. A clock that is not to be
 * believed stops it with an alarm in the log. false: the database was away. */
bool	purge_expired(struct db *, purge_going, void *arg);

#endif
