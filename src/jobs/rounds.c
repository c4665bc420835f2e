/* A thread that works in rounds, see rounds.h. */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "jobs/rounds.h"

#define RETRY_MIN_S	1	/* doubled with each failure */
#define RETRY_MAX_S	16

struct rounds {
	rounds_fn	 round;
	void		*arg;
	int		 pause;		/* seconds */
	pthread_t	 thread;
	pthread_mutex_t	 lock;		/* of stop */
	pthread_cond_t	 wake;
	bool		 stop;
};

/* Waits for so many milliseconds, or until stop; returns true for stop. */
static bool
rounds_stopped(struct rounds *r, int ms)
{
	struct timespec	until;
	bool		stop;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	(void)pthread_mutex_lock(&r->lock);
	while (!r->stop && pthread_cond_timedwait(&r->wake, &r->lock,
	    &until) == 0)
		continue;
	stop = r->stop;
	(void)pthread_mutex_unlock(&r->lock);
	return (stop);
}

bool
rounds_going(void *rounds)
{
	return (!rounds_stopped(rounds, 0));
}

bool
rounds_pause(void *rounds, int ms)
{
	return (!rounds_stopped(rounds, ms));
}

static void *
rounds_run(void *arg)
{
	struct rounds	*r = arg;
	int		 pause, retry = RETRY_MIN_S;

	do {
		pause = r->pause;
		if (r->round(r->arg)) {
			if (retry != RETRY_MIN_S)
				log_info("event=jobs_recovered");
			retry = RETRY_MIN_S;
		} else {
			pause = retry;
			retry = retry < RETRY_MAX_S ? 2 * retry : retry;
		}
	} while (!rounds_stopped(r, pause * 1000));
	return (NULL);
}

void
rounds_start(struct rounds **out, int pause_s, rounds_fn round, void *arg)
{
	pthread_condattr_t	 monotonic;
	struct rounds		*r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		log_fatal("event=out_of_memory");
	r->round = round;
	r->arg = arg;
	r->pause = pause_s;
	(void)pthread_mutex_init(&r->lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&r->wake, &monotonic);
	*out = r;
	if (pthread_create(&r->thread, NULL, rounds_run, r) != 0)
		log_fatal("event=no_thread");
}

void
rounds_stop(struct rounds *r)
{
	(void)pthread_mutex_lock(&r->lock);
	r->stop = true;
	(void)pthread_cond_signal(&r->wake);
	(void)pthread_mutex_unlock(&r->lock);
	(void)pthread_join(r->thread, NULL);
	free(r);
}

bool
rounds_database(struct db **db, const struct settings *s)
{
	char	*why = NULL;

	if (*db == NULL && (*db = db_open(s->database_jobs, &why)) == NULL)
		log_warn("event=jobs_database why=\"%s\"", why);
	free(why);
	return (*db != NULL);
}
