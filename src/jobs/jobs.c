/*
 * `smartrecord jobs`: upkeep once a minute, the access logs' seals every few
 * seconds, until SIGTERM or SIGINT. The database may come and go: a failed
 * round is tried again soon. Knows no business: what has to be kept up is SQL
 * and the cache's own sweep.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/db.h"
#include "jobs/jobs.h"
#include "media/cache.h"
#include "store/store.h"

#define ROUND_S		5
#define UPKEEP_MS	60000
#define STORE_SWEEP_MS	(24 * 3600 * INT64_C(1000))
#define RETRY_MIN_S	1	/* doubled with each failure */
#define RETRY_MAX_S	16

struct jobs {
	const struct settings	*settings;
	struct db		*db;		/* NULL: not opened yet */
	struct cache		*cache;		/* NULL: none */
	int64_t			 upkeep_at;	/* monotonic ms */
	int64_t			 store_at;	/* likewise; 0: at once */
};

static bool
database_open(struct jobs *j)
{
	char	*why = NULL;

	if (j->db == NULL)
		j->db = db_open(j->settings->database_jobs, &why);
	if (j->db == NULL)
		log_warn("event=jobs_database why=\"%s\"", why);
	free(why);
	return (j->db != NULL);
}

/* Runs one statement; logs what it did: its columns, unless all are 0. */
static bool
run(struct jobs *j, enum sql sql)
{
	struct db_rows	*rows;
	char		 text[128] = "";
	const char	*value;
	int		 i;
	size_t		 n = 0;
	bool		 ok, worked = false;

	ok = db_run(j->db, sql, NULL, NULL, 0, &rows) == OK;
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
sweep(struct jobs *j)
{
	size_t	chunks;

	if (j->cache == NULL)
		j->cache = cache_open(j->settings->cache_dir,
		    j->settings->cache_mb);
	if (j->cache == NULL) {
		log_warn("event=jobs_cache dir=%s why=\"%s\"",
		    j->settings->cache_dir, strerror(errno));
		return;
	}
	if ((chunks = cache_sweep(j->cache)) > 0)
		log_info("event=cache_swept chunks=%zu", chunks);
}

/* Once a day: every folder of the store is read. */
static void
sweep_store(struct jobs *j)
{
	int64_t		 now = clock_mono_ms();
	struct store	*store;
	char		*why = NULL;
	size_t		 files;

	if (now < j->store_at)
		return;
	j->store_at = now + STORE_SWEEP_MS;
	if ((store = store_new(j->settings->store, &why)) == NULL)
		log_warn("event=jobs_store why=\"%s\"", why);
	else if ((files = store->sweep(store)) > 0)
		log_info("event=store_swept files=%zu", files);
	store_free(store);
	free(why);
}

/* What is done once a minute; false: the database was away for some of it. */
static bool
upkeep(struct jobs *j)
{
	sweep(j);	/* first: these need no database */
	sweep_store(j);
	if (!database_open(j))
		return (false);
	return (run(j, SQL_JOBS_PARTITIONS) & run(j, SQL_JOBS_SESSIONS) &
	    run(j, SQL_JOBS_ARRIVALS) & run(j, SQL_JOBS_AUDIT_PURGE));
}

static bool
round_once(struct jobs *j)
{
	int64_t	now = clock_mono_ms();

	if (now >= j->upkeep_at) {
		if (!upkeep(j))
			return (false);
		j->upkeep_at = now + UPKEEP_MS;
	}
	return (run(j, SQL_JOBS_AUDIT_SEAL));
}

/* Waits; true: a signal asks to end. */
static bool
stopped(const sigset_t *signals, int seconds)
{
	struct timespec	time = { .tv_sec = seconds };

	return (sigtimedwait(signals, NULL, &time) > 0);
}

int
command_jobs(const struct settings *s, int argc, char **argv)
{
	struct jobs	j = { .settings = s };
	sigset_t	signals;
	int		pause, retry = RETRY_MIN_S;
	bool		help;

	if (argc > 1) {
		help = strcmp(argv[1], "--help") == 0;
		fprintf(help ? stdout : stderr, "usage: smartrecord jobs\n");
		return (help ? 0 : 2);
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	log_info("event=jobs_started");
	do {
		pause = ROUND_S;
		if (round_once(&j)) {
			if (retry != RETRY_MIN_S)
				log_info("event=jobs_recovered");
			retry = RETRY_MIN_S;
		} else {
			pause = retry;
			retry = retry < RETRY_MAX_S ? 2 * retry : retry;
		}
	} while (!stopped(&signals, pause));
	log_info("event=jobs_stopped");
	cache_close(j.cache);
	db_close(j.db);
	return (0);
}
