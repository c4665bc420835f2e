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
#include "jobs/purge.h"
#include "jobs/removal.h"
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
	struct store		*store;
	int64_t			 store_at;	/* likewise; 0: at once */
	sigset_t		 signals;	/* that ask to end */
	bool			 stop;		/* one came */
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
	int64_t	now = clock_mono_ms();
	size_t	files;

	if (now < j->store_at)
		return;
	j->store_at = now + STORE_SWEEP_MS;
	if ((files = j->store->sweep(j->store)) > 0)
		log_info("event=store_swept files=%zu", files);
}

/* Waits; true: a signal asks to end. */
static bool
stopped(struct jobs *j, int seconds)
{
	struct timespec	time = { .tv_sec = seconds };

	j->stop = j->stop || sigtimedwait(&j->signals, NULL, &time) > 0;
	return (j->stop);
}

static bool
going(void *arg)
{
	return (!stopped(arg, 0));
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
	    run(j, SQL_JOBS_ARRIVALS) & run(j, SQL_JOBS_AUDIT_PURGE) &
	    purge_expired(j->db, going, j));
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
	return (purge_deleted(j->db, going, j) &
	    removal_run(j->db, j->store) & run(j, SQL_JOBS_AUDIT_SEAL));
}

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: smartrecord jobs [--trust-clock]\n\n"
	    "Removes what was deleted or has expired, seals the access\n"
	    "logs, keeps up partitions, sessions and the cache. Any number\n"
	    "may run, on any node.\n\n"
	    "When the database's clock is more than an hour ahead of the last\n"
	    "round, or behind it, nothing is purged and the log says\n"
	    "event=purge_stopped alarm=clock, until calls that begin\n"
	    "confirm it. With --trust-clock you do, and nothing else.\n");
}

static int
trust_clock(const struct settings *s)
{
	struct db_rows	*rows;
	struct jobs	 j = { .settings = s };
	bool		 ok;

	if (!database_open(&j))
		return (1);
	ok = db_run(j.db, SQL_JOBS_TRUST_CLOCK, NULL, NULL, 0, &rows) == OK;
	if (ok)
		printf("the clock of the database is right: %s\n",
		    db_value(rows, 0, 0));
	db_rows_free(rows);
	db_close(j.db);
	return (ok ? 0 : 1);
}

int
command_jobs(const struct settings *s, int argc, char **argv)
{
	struct jobs	j = { .settings = s };
	int		pause, retry = RETRY_MIN_S;
	char		*why = NULL;
	bool		help;

	if (argc == 2 && strcmp(argv[1], "--trust-clock") == 0)
		return (trust_clock(s));
	if (argc > 1) {
		help = strcmp(argv[1], "--help") == 0;
		usage(help ? stdout : stderr);
		return (help ? 0 : 2);
	}
	if ((j.store = store_new(s->store, &why)) == NULL) {
		fprintf(stderr, "smartrecord jobs: %s\n", why);
		free(why);
		return (2);
	}
	sigemptyset(&j.signals);
	sigaddset(&j.signals, SIGTERM);
	sigaddset(&j.signals, SIGINT);
	sigprocmask(SIG_BLOCK, &j.signals, NULL);
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
	} while (!stopped(&j, pause));
	log_info("event=jobs_stopped");
	cache_close(j.cache);
	db_close(j.db);
	store_free(j.store);
	return (0);
}
