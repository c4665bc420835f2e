/*
 * Thread pool: a queue of jobs, a list of finished jobs, and an eventfd that
 * wakes the loop. Jobs cannot be cancelled.
 */
#include <sys/eventfd.h>

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/pool.h"

#define STACK_SIZE	(512 * 1024)

struct job_list {
	struct job	*head;
	struct job	**tail;	/* &head when empty */
};

struct pool {
	pthread_mutex_t		 lock;		/* of all below except watch */
	pthread_cond_t		 work;		/* a job is queued */
	struct job_list		 queued;
	struct job_list		 finished;
	size_t			 queued_count;
	size_t			 max_queued;
	struct loop_watch	 watch;		/* the eventfd */
};

static void		 list_append(struct job_list *, struct job *);
static struct job	*list_take(struct job_list *);
static void		*pool_thread(void *);
static void		 pool_ready(void *, int);
static unsigned		 start_threads(struct pool *, unsigned);

static void
list_append(struct job_list *l, struct job *j)
{
	j->next = NULL;
	*l->tail = j;
	l->tail = &j->next;
}

static struct job *
list_take(struct job_list *l)
{
	struct job	*j;

	j = l->head;
	if ((l->head = j->next) == NULL)
		l->tail = &l->head;
	return (j);
}

static void *
pool_thread(void *arg)
{
	struct pool	*p = arg;
	struct job	*j;

	for (;;) {
		pthread_mutex_lock(&p->lock);
		while (p->queued.head == NULL)
			pthread_cond_wait(&p->work, &p->lock);
		j = list_take(&p->queued);
		p->queued_count--;
		pthread_mutex_unlock(&p->lock);

		j->run(j);

		pthread_mutex_lock(&p->lock);
		/* One wake-up is enough for all jobs that finish before the
		 * loop reads the list. */
		if (p->finished.head == NULL &&
		    eventfd_write(p->watch.fd, 1) != 0)
			log_fatal("event=pool_wake_failed");
		list_append(&p->finished, j);
		pthread_mutex_unlock(&p->lock);
	}

	return (NULL);
}

/* Calls done() of the finished jobs, on the loop's thread. */
static void
pool_ready(void *arg, int events)
{
	struct pool	*p = arg;
	struct job	*j, *next;
	eventfd_t	 count;

	(void)events;
	if (eventfd_read(p->watch.fd, &count) != 0)
		return;

	pthread_mutex_lock(&p->lock);
	j = p->finished.head;
	p->finished.head = NULL;
	p->finished.tail = &p->finished.head;
	pthread_mutex_unlock(&p->lock);

	for (; j != NULL; j = next) {
		next = j->next;
		j->done(j);
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

struct pool *
pool_new(struct loop *loop, unsigned threads, size_t max_queued)
{
	struct pool	*p;
	unsigned	 started;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		log_fatal("event=out_of_memory");
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	p->queued.tail = &p->queued.head;
	p->finished.tail = &p->finished.head;
	p->max_queued = max_queued;
	p->watch.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	p->watch.ready = pool_ready;
	p->watch.arg = p;

	started = p->watch.fd == -1 ? 0 : start_threads(p, threads);
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

/* Queues the job. The caller holds the lock. */
static void
queue_add(struct pool *p, struct job *j)
{
	list_append(&p->queued, j);
	p->queued_count++;
	pthread_cond_signal(&p->work);
}

enum result
pool_submit(struct pool *p, struct job *j)
{
	bool	 taken;

	pthread_mutex_lock(&p->lock);
	taken = p->queued_count < p->max_queued;
	if (taken)
		queue_add(p, j);
	pthread_mutex_unlock(&p->lock);

	return (taken ? OK : BUSY);
}

void
pool_resubmit(struct pool *p, struct job *j)
{
	pthread_mutex_lock(&p->lock);
	queue_add(p, j);
	pthread_mutex_unlock(&p->lock);
}
