/*
 * `smartrecord jobs`: makes requested archives (src/exports), does the upkeep
 * (upkeep.c) and sends mail (post.c), until SIGTERM or SIGINT. SIGHUP opens the
 * file of the log again.
 */
#include <sys/resource.h>
#include <sys/signalfd.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/log_file.h"
#include "base/loop_poll.h"
#include "db/db.h"
#include "exports/exports.h"
#include "jobs/jobs.h"
#include "jobs/post.h"
#include "jobs/upkeep.h"
#include "recordings/recordings.h"

#define NICE	5	/* `serve` has priority */

struct signals {
	struct loop_watch	 watch;
	bool			 end;
};

static void
signalled(void *arg, int events)
{
	struct signals			*s = arg;
	struct signalfd_siginfo		 info;

	(void)events;
	if (read(s->watch.fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP) {
		log_file_reopen();
		log_info("event=reloaded");
	} else
		s->end = true;
}

/* Runs the loop until a signal to end, then stops the archives being made. */
static void
jobs_work(int fd)
{
	struct signals	s = { .watch = { .fd = fd, .ready = signalled,
			    .arg = &s } };

	loop_poll()->watch(&s.watch, LOOP_READ);
	while (!s.end)
		(void)loop_poll_run_once(-1);
	loop_poll()->unwatch(&s.watch);
	for (making_stop(); making_count() > 0; making_stop())
		(void)loop_poll_run_once(100);
}

/* Blocks the signals before any thread starts: threads inherit the mask. */
static int
signals_open(void)
{
	sigset_t	signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return (signalfd(-1, &signals, SFD_CLOEXEC));
}

static void
jobs_usage(FILE *out)
{
	fprintf(out,
	    "usage: smartrecord jobs [--trust-clock]\n\n"
	    "Makes the archives that people ask for, on all cores, behind\n"
	    "everybody else. Removes what was deleted or has expired, seals\n"
	    "the access logs, keeps up partitions, sessions and the cache.\n"
	    "Sends mail through mail_url, trying again for a day.\n"
	    "Any number may run, on any node.\n\n"
	    "Archives are made in the folder export_dir, best on the disk\n"
	    "of the store's own folder, and kept in the store for a day.\n"
	    "One that would not fit is refused before it is begun. SIGTERM\n"
	    "gives those in the making back for others to begin again.\n\n"
	    "When the database's clock is more than an hour ahead of the last\n"
	    "round, or behind it, nothing is purged and the log says\n"
	    "event=purge_stopped alarm=clock, until calls that begin\n"
	    "confirm it. With --trust-clock you do, and nothing else.\n");
}

static int
trust_clock(const struct settings *s)
{
	struct db_rows	*rows;
	struct db	*db;
	char		*why = NULL;
	bool		 ok;

	if ((db = db_open(s->database_jobs, &why)) == NULL) {
		log_warn("event=jobs_database why=\"%s\"", why);
		free(why);
		return (1);
	}
	ok = db_run(db, SQL_JOBS_TRUST_CLOCK, NULL, NULL, 0, &rows) == OK;
	if (ok)
		printf("the clock of the database is right: %s\n",
		    db_value(rows, 0, 0));
	db_rows_free(rows);
	db_close(db);
	return (ok ? 0 : 1);
}

/* Checks settings, store and database. Returns false with *why set to a
 * sentence that the caller frees. */
static bool
jobs_fit(const struct settings *s, char **why)
{
	const char	*problem = post_problem(s);

	if (problem != NULL) {
		*why = strdup(problem);
		return (false);
	}
	return (store_fits(s, "", true, why) &&
	    db_fits(s->database_jobs, ROLE_JOBS, why));
}

static int
jobs_run(const struct settings *s)
{
	struct upkeep	*upkeep;
	struct post	*post;
	struct store	*store;
	char		*why = NULL;
	int		 signals;

	if (!log_file_open(s->log_file, &why) || !jobs_fit(s, &why) ||
	    (store = store_new(s->store, &why)) == NULL) {
		fprintf(stderr, "smartrecord jobs: %s\n", why);
		free(why);
		return (1);
	}
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	signals = signals_open();
	if (!making_start(s, loop_poll()))
		return (1);
	log_info("event=jobs_started");
	upkeep = upkeep_start(s, store);
	post = post_start(s);
	jobs_work(signals);
	post_stop(post);
	upkeep_stop(upkeep);
	log_info("event=jobs_stopped");
	store_free(store);
	return (0);
}

int
command_jobs(const struct settings *s, int argc, char **argv)
{
	bool	help;

	if (argc == 2 && strcmp(argv[1], "--trust-clock") == 0)
		return (trust_clock(s));
	if (argc > 1) {
		help = strcmp(argv[1], "--help") == 0;
		if (!help)
			fprintf(stderr, "smartrecord jobs: unknown argument "
			    "'%s'\n", argv[1]);
		jobs_usage(help ? stdout : stderr);
		return (help ? 0 : 2);
	}
	return (jobs_run(s));
}
