/*
 * Makes pieces ahead, see ahead.h. They are in a ring: the owner adds at the
 * head and takes from the tail; the pool makes those in between.
 */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "exports/ahead.h"

#define WAIT_NS		(100 * 1000 * 1000)	/* between checks of stop */

enum { EMPTY, IN_WORK, MADE };

struct ahead {
	struct pool		*pool;
	struct fair_key		 key;		/* of the jobs */
	bool			 (*next)(void *, struct piece *);
	void			*arg;
	const atomic_bool	*stop;
	pthread_mutex_t		 lock;		/* of the pieces' states */
	pthread_cond_t		 made;
	size_t			 room;
	size_t			 head, tail;	/* next to fill, to take */
	bool			 ended;		/* next() has no more */
	bool			 taken;		/* the piece at tail is taken */
	struct piece		*ring;
};

/* On a pool thread. */
static void
piece_run(struct job *j)
{
	struct piece	*p = (struct piece *)j;

	p->result = atomic_load(p->ahead->stop) ? BUSY : p->make(p);
}

/* On the loop's thread. */
static void
piece_done(struct job *j)
{
	struct piece	*p = (struct piece *)j;

	pthread_mutex_lock(&p->ahead->lock);
	p->state = MADE;
	pthread_cond_signal(&p->ahead->made);
	pthread_mutex_unlock(&p->ahead->lock);
}

struct ahead *
ahead_new(struct pool *pool, size_t room, const struct fair_key *key,
    bool (*next)(void *, struct piece *), void *arg, const atomic_bool *stop)
{
	struct ahead	*a;

	if ((a = calloc(1, sizeof(*a))) == NULL ||
	    (a->ring = calloc(room, sizeof(*a->ring))) == NULL)
		log_fatal("event=out_of_memory");
	a->pool = pool;
	a->room = room;
	a->key = *key;
	a->next = next;
	a->arg = arg;
	a->stop = stop;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->made, NULL);
	return (a);
}

static void
piece_empty(struct piece *p)
{
	if (p->release != NULL)
		p->release(p);
	free(p->bytes);
	p->bytes = NULL;
	p->release = NULL;
	p->state = EMPTY;
}

/* Submits pieces to the pool until the ring is full. */
static void
ring_fill(struct ahead *a)
{
	struct piece	*p;

	while (!a->ended && a->head - a->tail < a->room) {
		p = &a->ring[a->head % a->room];
		*p = (struct piece){ .ahead = a, .result = FAILED };
		p->job.run = piece_run;
		p->job.done = piece_done;
		if (!a->next(a->arg, p)) {
			a->ended = true;
			return;
		}
		p->job.item.key = a->key;
		p->state = IN_WORK;
		a->head++;
		/* making_start() gives the pool room for all pieces */
		if (pool_submit(a->pool, &p->job) != OK)
			log_fatal("event=pool_full");
	}
}

/*
 * Waits until the piece is made. Returns false when *stop came first, unless
 * ignore_stop is set.
 */
static bool
wait_made(struct ahead *a, struct piece *p, bool ignore_stop)
{
	struct timespec	 until;
	bool		 stopped = false;

	pthread_mutex_lock(&a->lock);
	while (p->state == IN_WORK && !stopped) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += WAIT_NS;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		(void)pthread_cond_timedwait(&a->made, &a->lock, &until);
		stopped = !ignore_stop && atomic_load(a->stop);
	}
	pthread_mutex_unlock(&a->lock);
	return (!stopped);
}

const struct piece *
ahead_take(struct ahead *a)
{
	struct piece	*p = &a->ring[a->tail % a->room];

	if (a->taken) {
		piece_empty(p);
		p = &a->ring[++a->tail % a->room];
		a->taken = false;
	}
	ring_fill(a);
	if (a->tail == a->head || !wait_made(a, p, false))
		return (NULL);
	a->taken = true;
	return (p);
}

void
ahead_free(struct ahead *a)
{
	if (a == NULL)
		return;
	for (; a->tail != a->head; a->tail++) {
		(void)wait_made(a, &a->ring[a->tail % a->room], true);
		piece_empty(&a->ring[a->tail % a->room]);
	}
	pthread_mutex_destroy(&a->lock);
	pthread_cond_destroy(&a->made);
	free(a->ring);
	free(a);
}
