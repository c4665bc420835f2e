/* Removes deleted and expired recordings, see purge.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "jobs/pace.h"
#include "jobs/purge.h"

/* Does one step and sets *more; returns how many recordings or partitions were
 * removed, or -1 when the database is away. */
static long
purge_step(struct db *db, enum sql sql, int size, bool *more)
{
	char		 text[16];
	const char	*params[1] = { text }, *problem;
	struct db_rows	*rows;
	long		 removed = -1;

	(void)snprintf(text, sizeof(text), "%d", size);
	*more = false;
	if (db_run(db, sql, NULL, params, sql == SQL_JOBS_DROP_PARTITION ? 0 :
	    1, &rows) == OK) {
		removed = strtol(db_value(rows, 0, 0), NULL, 10);
		*more = strcmp(db_text(rows, 0, "more"), "t") == 0;
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
purge_steps(struct purge *p, enum sql sql)
{
	struct pace	pace;
	int64_t		began;
	long		removed, total = 0;
	int		pause = 0;
	bool		more;

	pace_begin(&pace, clock_mono_us());
	do {
		began = clock_mono_us();
		removed = purge_step(p->db, sql, pace.size, &more);
		total += removed > 0 ? removed : 0;
		pause = pace_next(&pace, began, clock_mono_us());
	} while (more && pause >= 0 && p->pause(p->arg, pause));
	p->more = p->more || more;
	if (total > 0)
		log_info("event=%s removed=%ld", sql_name(sql), total);
	return (removed >= 0);
}

bool
purge_deleted(struct purge *p)
{
	return (purge_steps(p, SQL_JOBS_DELETIONS));
}

bool
purge_expired(struct purge *p)
{
	return (purge_steps(p, SQL_JOBS_PURGE) &&
	    purge_steps(p, SQL_JOBS_DROP_PARTITION));
}
