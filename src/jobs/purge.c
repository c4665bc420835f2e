/* Recordings go for good, see purge.h; what goes is the SQL's to say. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "jobs/purge.h"

#define BATCH	"1000"	/* recordings a transaction: a fraction of a second */

/* One batch: how many it was; -1: the database was away. */
static long
batch(struct db *db, enum sql sql, int n)
{
	static const char *const	 params[1] = { BATCH };
	struct db_rows			*rows;
	const char			*problem;
	long				 removed = -1;

	if (db_run(db, sql, NULL, params, n, &rows) == OK) {
		removed = strtol(db_value(rows, 0, 0), NULL, 10);
		problem = db_columns(rows) > 1 ? db_value(rows, 0, 1) : NULL;
		if (sql == SQL_JOBS_PURGE && problem != NULL)
			log_error("event=purge_stopped alarm=clock why=\"%s\"",
			    problem);
	}
	db_rows_free(rows);
	return (removed);
}

static bool
batches(struct db *db, enum sql sql, int n, purge_going going, void *arg)
{
	long	removed, total = 0;

	do {
		removed = batch(db, sql, n);
		total += removed > 0 ? removed : 0;
	} while (removed > 0 && going(arg));
	if (total > 0)
		log_info("event=%s removed=%ld", sql_name(sql), total);
	return (removed >= 0);
}

bool
purge_deleted(struct db *db, purge_going going, void *arg)
{
	return (batches(db, SQL_JOBS_DELETIONS, 1, going, arg));
}

bool
purge_expired(struct db *db, purge_going going, void *arg)
{
	return (batches(db, SQL_JOBS_PURGE, 1, going, arg) &&
	    batches(db, SQL_JOBS_DROP_PARTITION, 0, going, arg));
}
