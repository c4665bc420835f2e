/* Removes deleted and expired recordings, see purge.h. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "jobs/purge.h"

#define BATCH	"1000"	/* recordings per transaction */

/* Removes one batch; returns how many, or -1 when the database is away. */
static long
purge_batch(struct db *db, enum sql sql, int n)
{
	static const char *const	 params[1] = { BATCH };
	struct db_rows			*rows;
	const char			*problem;
	long				 removed = -1;

	if (db_run(db, sql, NULL, params, n, &rows) == OK) {
		removed = strtol(db_value(rows, 0, 0), NULL, 10);
		problem = sql == SQL_JOBS_PURGE ?
		    db_text(rows, 0, "problem") : NULL;
		if (problem != NULL)
			log_error("event=purge_stopped alarm=clock why=\"%s\"",
			    problem);
	}
	db_rows_free(rows);
	return (removed);
}

static bool
purge_batches(struct db *db, enum sql sql, int n, purge_going going, void *arg)
{
	long	removed, total = 0;

	do {
		removed = purge_batch(db, sql, n);
		total += removed > 0 ? removed : 0;
	} while (removed > 0 && going(arg));
	if (total > 0)
		log_info("event=%s removed=%ld", sql_name(sql), total);
	return (removed >= 0);
}

bool
purge_deleted(struct db *db, purge_going going, void *arg)
{
	return (purge_batches(db, SQL_JOBS_DELETIONS, 1, going, arg));
}

bool
purge_expired(struct db *db, purge_going going, void *arg)
{
	return (purge_batches(db, SQL_JOBS_PURGE, 1, going, arg) &&
	    purge_batches(db, SQL_JOBS_DROP_PARTITION, 0, going, arg));
}
