/* The upkeep, see upkeep.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "db/db.h"
#include "exports/exports.h"
#include "jobs/purge.h"
#include "jobs/removal.h"
#include "jobs/rounds.h"
#include "jobs/upkeep.h"
#include "media/cache.h"

#define ROUND_S		5
#define UPKEEP_MS	60000
#define STORE_SWEEP_MS	(24 * 3600 * INT64_C(1000))

struct upkeep {
	const struct settings	*settings;
	struct store		*store;
	struct db		*db;		/* NULL: not opened yet */
	struct cache		*cache;		/* NULL: none */
	int64_t			 upkeep_at;	/* next time, monotonic ms */
	int64_t			 store_at;	/* next sweep, monotonic ms */
	struct rounds		*rounds;
	bool			 more;		/* to remove, in another turn */
};

/* Runs one statement; logs the columns of its row, unless all are 0. */
static bool
upkeep_run(struct upkeep *u, enum sql sql)
{
	struct log_line	 line;
	struct db_rows	*rows;
	const char	*value;
	int64_t		 n;
	int		 i;
	bool		 ok, worked = false;

	ok = db_run(u->db, sql, NULL, NULL, 0, &rows) == OK;
	log_begin(&line, LEVEL_INFO, sql_name(sql));
	for (i = 0; ok && i < db_columns(rows); i++) {
		if ((value = db_value(rows, 0, i)) == NULL)
			continue;
		worked = worked || strcmp(value, "0") != 0;
		if (text_int64(value, INT64_MIN, INT64_MAX, &n))
			log_number(&line, db_column(rows, i), n);
		else
			log_text(&line, db_column(rows, i), value);
	}
	if (worked)
		log_end(&line);
	db_rows_free(rows);
	return (ok);
}

static void
upkeep_sweep(struct upkeep *u)
{
	size_t	n;

	if ((n = making_sweep(u->settings)) > 0)
		log_info("event=exports_swept files=%zu", n);
	if (u->cache == NULL)
		u->cache = cache_open(u->settings->cache_dir,
		    u->settings->cache_mb);
	if (u->cache == NULL) {
		log_warn("event=jobs_cache dir=%s why=\"%s\"",
		    u->settings->cache_dir, strerror(errno));
		return;
	}
	if ((n = cache_sweep(u->cache)) > 0)
		log_info("event=cache_swept chunks=%zu", n);
}

/* Logs why the store can't be used. */
static void
check_store(const struct upkeep *u)
{
	char	problem[DISK_PROBLEM];
	int	error;

	if ((error = u->store->check(u->store, true)) != 0)
		log_error("event=store_away why=\"%s\"",
		    disk_problem("the store", error, problem));
}

/* Sweeps the store once a day: it reads every folder. */
static void
sweep_store(struct upkeep *u)
{
	int64_t	now = clock_mono_ms();
	size_t	files;

	if (now < u->store_at)
		return;
	u->store_at = now + STORE_SWEEP_MS;
	if ((files = u->store->sweep(u->store)) > 0)
		log_info("event=store_swept files=%zu", files);
}

/* Gives a turn to the removal of recordings. */
static bool
remove_recordings(struct upkeep *u, bool (*remove)(struct purge *))
{
	struct purge	p = { .db = u->db, .pause = rounds_pause,
			    .arg = u->rounds };
	bool		ok = remove(&p);

	u->more = u->more || p.more;
	return (ok);
}

/* Does what is due once a minute; false when the database is away. */
static bool
once_a_minute(struct upkeep *u)
{
	/* first, since sweeps need no database */
	upkeep_sweep(u);
	check_store(u);
	sweep_store(u);
	if (!rounds_database(&u->db, u->settings))
		return (false);
	return (upkeep_run(u, SQL_JOBS_PARTITIONS) &
	    upkeep_run(u, SQL_JOBS_SESSIONS) &
	    upkeep_run(u, SQL_JOBS_ARRIVALS) &
	    upkeep_run(u, SQL_JOBS_CHANGES) &
	    upkeep_run(u, SQL_JOBS_AUDIT_PURGE) &
	    upkeep_run(u, SQL_JOBS_EXPORTS) &
	    upkeep_run(u, SQL_JOBS_MAIL_OLD) &
	    remove_recordings(u, purge_expired));
}

/* Does what is due; false when the database is away. */
static bool
upkeep_turn(struct upkeep *u)
{
	int64_t	now = clock_mono_ms();
	bool	ok = true, due = now >= u->upkeep_at;

	u->more = false;
	if (due) {
		ok = once_a_minute(u);
		if (u->db == NULL)
			return (false);
		/* calls that have expired are not left for a minute */
		if (ok && !u->more)
			u->upkeep_at = now + UPKEEP_MS;
	}
	return (ok & remove_recordings(u, purge_deleted) &
	    removal_run(u->db, u->store) & upkeep_run(u, SQL_JOBS_AUDIT_SEAL));
}

static bool
upkeep_round(void *arg)
{
	struct upkeep	*u = arg;
	bool		 ok;

	do
		ok = upkeep_turn(u);
	while (ok && u->more && rounds_going(u->rounds));
	return (ok);
}

struct upkeep *
upkeep_start(const struct settings *s, struct store *store)
{
	struct upkeep	*u;

	if ((u = calloc(1, sizeof(*u))) == NULL)
		log_fatal("event=out_of_memory");
	u->settings = s;
	u->store = store;
	rounds_start(&u->rounds, ROUND_S, upkeep_round, u);
	return (u);
}

void
upkeep_stop(struct upkeep *u)
{
	rounds_stop(u->rounds);
	cache_close(u->cache);
	db_close(u->db);
	free(u);
}
