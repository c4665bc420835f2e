/*
 * Removes the rows of deleted and expired recordings, in steps (see pace.h),
 * and empty partitions. Each step is a transaction, which also adds the
 * recordings' objects to store_removal. None is open during a pause.
 */
#ifndef JOBS_PURGE_H
#define JOBS_PURGE_H

#include <stdbool.h>

#include "db/db.h"

/* One turn of the work; more is set when another one has work to do. */
struct purge {
	struct db	*db;
	/* Pauses between two steps; false ends the turn. */
	bool		 (*pause)(void *arg, int ms);
	void		*arg;
	bool		 more;
};

/*
 * Removes the rows of deleted recordings. Returns false when the database is
 * away.
 */
bool	purge_deleted(struct purge *);
/*
 * Removes expired recordings and empty partitions. Removes nothing, and logs an
 * alarm, when purge_clock() does not trust the clock. Returns false when the
 * database is away.
 */
bool	purge_expired(struct purge *);

#endif
