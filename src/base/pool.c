/*
 * Thread pool: a fair queue of jobs, a list of finished jobs, and an eventfd
 * that wakes the loop. Jobs cannot be cancelled.
 */
#include <sys/eventfd.h>
#include <sys/resource.h>

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/pool.h"

#define STACK_SIZE	(512 * 1024)
#define NICE_BEHIND	10	/* of threads whose work takes long */

TAILQ_HEAD(job_list, fair_item);

struct pool {
	pthread_mutex_t		 lock;		/* of all below except watch */
	pthread_cond_t		 work;		/* a job is queued */
	struct fair		*queued;
	struct job_list		 finished;
	size_t			 max_queued;
	bool			 behind;	/* set before the threads */
	struct loop_watch	 watch;		/* the eventfd */
};

static void		*pool_thread(void *);
static void		 pool_ready(void *, int);
static unsigned		 start_threads(struct pool *, unsigned);

static struct job *
job_of(struct fair_item *i)
{
	return ((struct job *)((char *)i - offsetof(struct job, item)));
}

/* Waits for a job that may run. The caller holds the lock. */
static struct job *
take(struct pool *p)
{
	struct fair_item	*i;

	while ((i = fair_take(p->queued, NULL, NULL)) == NULL)
		pthread_cond_wait(&p->work, &p->lock);
	return (job_of(i));
}

static void
finish(struct pool *p, struct job *j)
{
	fair_end(p->queued, &j->item);
	/* One wake-up is enough for all jobs that finish before the loop reads
	 * the list. */
	if (TAILQ_EMPTY(&p->finished) && eventfd_write(p->watch.fd, 1) != 0)
		log_fatal("event=pool_wake_failed");
	TAILQ_INSERT_TAIL(&p->finished, &j->item, order);
}

static void *
pool_thread(void *arg)
{
	struct pool	*p = arg;
	struct job	*j;

	/* of this thread only (setpriority(2), "C library/kernel differences")
	 * */
	if (p->behind)
		(void)setpriority(PRIO_PROCESS, 0, NICE_BEHIND);
	pthread_mutex_lock(&p->lock);
	for (;;) {
		j = take(p);
		pthread_mutex_unlock(&p->lock);
		j->run(j);
		pthread_mutex_lock(&p->lock);
		finish(p, j);
	}

	return (NULL);
}

/* Calls done() of the finished jobs, on the loop's thread. */
static void
pool_ready(void *arg, int events)
{
	struct pool		*p = arg;
	struct job_list		 list = TAILQ_HEAD_INITIALIZER(list);
	struct fair_item	*i;
	eventfd_t		 count;

	(void)events;
	if (eventfd_read(p->watch.fd, &count) != 0)
		return;

	pthread_mutex_lock(&p->lock);
	TAILQ_CONCAT(&list, &p->finished, order);
	pthread_mutex_unlock(&p->lock);

	while ((i = TAILQ_FIRST(&list)) != NULL) {
		TAILQ_REMOVE(&list, i, order);
		job_of(i)->done(job_of(i));
	}
}

/* Starts the threads with all signals blocked, so that only the loop's thread
 * receives them. Returns the number of threads started. */
static unsigned
start_threads(struct pool *p, unsigned threads)
{
	pthread_attr_t	 attr;
	pthread_t	 thread;
	sigset_t	 all, before;
	unsigned	 n;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	for (n = 0; n < threads; n++) {
		if (pthread_create(&thread, &attr, pool_thread, p) != 0)
			break;
	}
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);

	return (n);
}

static struct pool *
pool_start(struct loop *loop, unsigned threads, size_t max_queued, bool behind)
{
	struct fair_limits	 limits;
	struct pool		*p;
	unsigned		 started;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		log_fatal("event=out_of_memory");
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	TAILQ_INIT(&p->finished);
	p->max_queued = max_queued;
	p->behind = behind;
	p->watch.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	p->watch.ready = pool_ready;
	p->watch.arg = p;

	/* The threads wait until the queue is made for as many as there are. */
	pthread_mutex_lock(&p->lock);
	started = p->watch.fd == -1 ? 0 : start_threads(p, threads);
	limits = fair_limits(started, 0);
	p->queued = started == 0 ? NULL : fair_new(&limits);
	pthread_mutex_unlock(&p->lock);
	if (started == 0) {
		if (p->watch.fd != -1)
			(void)close(p->watch.fd);
		free(p);
		return (NULL);
	}
	if (started < threads)
		log_warn("event=pool_short threads=%u wanted=%u", started,
		    threads);
	loop->watch(&p->watch, LOOP_READ);

	return (p);
}

struct pool *
pool_new(struct loop *loop, unsigned threads, size_t max_queued)
{
	return (pool_start(loop, threads, max_queued, false));
}

struct pool *
pool_new_behind(struct loop *loop, unsigned threads, size_t max_queued)
{
	return (pool_start(loop, threads, max_queued, true));
}

/* Queues the job. The caller holds the lock. */
static void
queue_add(struct pool *p, struct job *j)
{
	(void)fair_add(p->queued, &j->item);	/* it has no limits */
	pthread_cond_signal(&p->work);
}

/* Returns whether the job's customer or person may queue no more. */
static bool
queue_full(const struct pool *p, const struct job *j)
{
	size_t	customer, person;

	customer = fair_waiting_of(p->queued, &j->item.key, &person);
	return (customer >= p->max_queued ||
	    (j->item.key.person != 0 && person >= (p->max_queued + 1) / 2));
}

enum result
pool_submit(struct pool *p, struct job *j)
{
	bool	 full;

	pthread_mutex_lock(&p->lock);
	if (!(full = queue_full(p, j)))
		queue_add(p, j);
	pthread_mutex_unlock(&p->lock);

	if (!full)
		return (OK);
	return (j->item.key.kind == FAIR_SYSTEM ? BUSY : CROWDED);
}

void
pool_resubmit(struct pool *p, struct job *j)
{
	pthread_mutex_lock(&p->lock);
	queue_add(p, j);
	pthread_mutex_unlock(&p->lock);
}
