/* The rounds of upkeep, see upkeep.h. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/db.h"
#include "exports/exports.h"
#include "jobs/purge.h"
#include "jobs/removal.h"
#include "jobs/upkeep.h"
#include "media/cache.h"

#define ROUND_S		5
#define UPKEEP_MS	60000
#define STORE_SWEEP_MS	(24 * 3600 * INT64_C(1000))
#define RETRY_MIN_S	1	/* doubled with each failure */
#define RETRY_MAX_S	16

struct upkeep {
	const struct settings	*settings;
	struct store		*store;
	struct db		*db;		/* NULL: not opened yet */
	struct cache		*cache;		/* NULL: none */
	int64_t			 upkeep_at;	/* monotonic ms */
	int64_t			 store_at;	/* likewise; 0: at once */
	pthread_t		 thread;
	pthread_mutex_t		 lock;		/* of stop */
	pthread_cond_t		 wake;
	bool			 stop;
};

static bool
database_open(struct upkeep *u)
{
	char	*why = NULL;

	if (u->db == NULL)
		u->db = db_open(u->settings->database_jobs, &why);
	if (u->db == NULL)
		log_warn("event=jobs_database why=\"%s\"", why);
	free(why);
	return (u->db != NULL);
}

/* Runs one statement; logs what it did: its columns, unless all are 0. */
static bool
run(struct upkeep *u, enum sql sql)
{
	struct db_rows	*rows;
	char		 text[128] = "";
	const char	*value;
	int		 i;
	size_t		 n = 0;
	bool		 ok, worked = false;

	ok = db_run(u->db, sql, NULL, NULL, 0, &rows) == OK;
	for (i = 0; ok && i < db_columns(rows); i++) {
		value = db_value(rows, 0, i);
		if (value == NULL || n >= sizeof(text))
			continue;
		worked = worked || strcmp(value, "0") != 0;
		n += (size_t)snprintf(text + n, sizeof(text) - n, " %s=%s",
		    db_column(rows, i), value);
	}
	if (worked)
		log_info("event=%s%s", sql_name(sql), text);
	db_rows_free(rows);
	return (ok);
}

static void
sweep(struct upkeep *u)
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

/* Once a day: every folder of the store is read. */
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

/* Waits; true: the end is near. */
static bool
stopped(struct upkeep *u, int seconds)
{
	struct timespec	until;
	bool		stop;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += seconds;
	(void)pthread_mutex_lock(&u->lock);
	while (!u->stop && pthread_cond_timedwait(&u->wake, &u->lock,
	    &until) == 0)
		continue;
	stop = u->stop;
	(void)pthread_mutex_unlock(&u->lock);
	return (stop);
}

static bool
going(void *arg)
{
	return (!stopped(arg, 0));
}

/* What is done once a minute; false: the database was away for some of it. */
static bool
once_a_minute(struct upkeep *u)
{
	sweep(u);	/* first: these need no database */
	sweep_store(u);
	if (!database_open(u))
		return (false);
	return (run(u, SQL_JOBS_PARTITIONS) & run(u, SQL_JOBS_SESSIONS) &
	    run(u, SQL_JOBS_ARRIVALS) & run(u, SQL_JOBS_AUDIT_PURGE) &
	    run(u, SQL_JOBS_EXPORTS) & purge_expired(u->db, going, u));
}

static bool
round_once(struct upkeep *u)
{
	int64_t	now = clock_mono_ms();

	if (now >= u->upkeep_at) {
		if (!once_a_minute(u))
			return (false);
		u->upkeep_at = now + UPKEEP_MS;
	}
	return (purge_deleted(u->db, going, u) &
	    removal_run(u->db, u->store) & run(u, SQL_JOBS_AUDIT_SEAL));
}

static void *
upkeep_run(void *arg)
{
	struct upkeep	*u = arg;
	int		 pause, retry = RETRY_MIN_S;

	do {
		pause = ROUND_S;
		if (round_once(u)) {
			if (retry != RETRY_MIN_S)
				log_info("event=jobs_recovered");
			retry = RETRY_MIN_S;
		} else {
			pause = retry;
			retry = retry < RETRY_MAX_S ? 2 * retry : retry;
		}
	} while (!stopped(u, pause));
	return (NULL);
}

struct upkeep *
upkeep_start(const struct settings *s, struct store *store)
{
	pthread_condattr_t	 monotonic;
	struct upkeep		*u;

	if ((u = calloc(1, sizeof(*u))) == NULL)
		log_fatal("event=out_of_memory");
	u->settings = s;
	u->store = store;
	(void)pthread_mutex_init(&u->lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&u->wake, &monotonic);
	if (pthread_create(&u->thread, NULL, upkeep_run, u) != 0)
		log_fatal("event=no_thread");
	return (u);
}

void
upkeep_stop(struct upkeep *u)
{
	(void)pthread_mutex_lock(&u->lock);
	u->stop = true;
	(void)pthread_cond_signal(&u->wake);
	(void)pthread_mutex_unlock(&u->lock);
	(void)pthread_join(u->thread, NULL);
	cache_close(u->cache);
	db_close(u->db);
	free(u);
}
