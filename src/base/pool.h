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
/* From a job's done(): it goes in once more, behind all others. Never refused:
 * what was taken is brought to its end. */
void		 pool_resubmit(struct pool *p, struct job *j);
/* Jobs queued and running: for metrics and drain. */
size_t		 pool_pending(const struct pool *p);

#endif
