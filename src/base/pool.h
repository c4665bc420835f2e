/*
 * A thread pool for work that would block an event loop: encoding, files,
 * argon2, large pages. Jobs wait in a fair queue, and the jobs of one customer
 * never occupy all threads of a pool that has several. The submitter owns the
 * memory of a job. run() is called on a pool thread, then done() on the loop's
 * thread, each exactly once, even when the client has disconnected. A pool is
 * never freed.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>

#include "base/fair.h"
#include "base/loop.h"
#include "base/result.h"

struct job {
	void		 (*run)(struct job *);	/* on a pool thread */
	void		 (*done)(struct job *);	/* on the loop's thread */
	struct fair_item item;			/* its key: whose job it is */
};

struct pool;

/* Starts threads; at most max_queued jobs of a customer wait for one, half of
 * them those of one person. The loop must live as long as the pool. Returns
 * NULL when no thread could be started. */
struct pool	*pool_new(struct loop *loop, unsigned threads,
		    size_t max_queued);
/* Has the threads run behind everything else of the machine: their work takes
 * long, and lighter work shall not wait for it. */
struct pool	*pool_new_behind(struct loop *loop, unsigned threads,
		    size_t max_queued);
/* Queues the job. Returns OK; or CROWDED when its customer's queue is full
 * (BUSY: the program's own); the job is then not run. */
enum result	 pool_submit(struct pool *p, struct job *j);
/* Queues a further step of work that was accepted before, after all other
 * jobs. It is never refused, so that accepted work can finish. Each piece of
 * work queues one step at a time, which bounds the queue. Call it from the
 * loop's thread. */
void		 pool_resubmit(struct pool *p, struct job *j);

#endif
