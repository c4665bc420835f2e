/*
 * A few threads for work that would hold up an event loop: encoding, files,
 * argon2, big pages. A job owns its memory: run() is called on a thread,
 * then done() on the loop's thread, exactly once each, even when nobody
 * waits for the answer any more. A pool lives as long as the process.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>

#include "base/loop.h"
#include "base/result.h"

struct job {
	void		 (*run)(struct job *);	/* on a pool thread */
	void		 (*done)(struct job *);	/* on the loop's thread */
	struct job	*next;			/* the pool's own */
};

struct pool;

/* threads workers, at most max_queued jobs waiting. loop outlives the pool.
 * NULL: no thread could be started. */
struct pool	*pool_new(struct loop *loop, unsigned threads,
		    size_t max_queued);
/* BUSY: the queue is full; the job was not taken. */
enum result	 pool_submit(struct pool *p, struct job *j);
/* A further step of what is under way: behind all others, never refused, since
 * what was taken is brought to its end. One step of each at a time: what is
 * under way bounds the queue. From the loop's thread. */
void		 pool_resubmit(struct pool *p, struct job *j);
/* Jobs queued and running: for metrics and drain. */
size_t		 pool_pending(const struct pool *p);

#endif
