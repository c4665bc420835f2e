/*
 * Work of a request on a thread pool; see context.h. When the client
 * disconnects, the job outlives the request, and its answer is not called.
 */
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/pool.h"
#include "server/request.h"
#include "server/server.h"

struct work_job {
	struct job		 job;
	struct pool		*pool;
	const struct work	*work;
	bool			 (*more)(void *arg);	/* NULL: one step */
	void			*arg;
	struct ctx		*ctx;	/* NULL: the request has ended */
	atomic_bool		 gone;	/* it has ended; for the thread */
	struct arena		 arena;	/* memory of an ended request */
};

static void
work_run(struct job *j)
{
	struct work_job	*w = (struct work_job *)
	    ((char *)j - offsetof(struct work_job, job));

	if (!atomic_load(&w->gone))
		w->work->run(w->arg);
}

static void
work_done(struct job *j)
{
	struct work_job	*w = (struct work_job *)
	    ((char *)j - offsetof(struct work_job, job));

	if (w->ctx != NULL && w->more != NULL && w->more(w->arg)) {
		pool_resubmit(w->pool, &w->job);
		return;
	}
	if (w->ctx != NULL) {
		w->ctx->request->work = NULL;
		w->ctx->request->times.work += clock_mono_us() -
		    w->ctx->request->work_since;
		w->work->answer(w->ctx, w->arg);
	}
	if (w->work->release != NULL)
		w->work->release(w->arg);
	arena_dispose(&w->arena);
	free(w);
}

void
work_orphan(struct work_job *w, struct arena *arena)
{
	w->ctx = NULL;
	w->arena = *arena;
	arena->head = NULL;
	atomic_store(&w->gone, true);
	if (w->work->gone != NULL)
		w->work->gone(w->arg);
}

static void
work_start(struct ctx *c, struct pool *pool, const struct work *work,
    bool (*more)(void *arg), void *arg)
{
	struct work_job	*w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		log_fatal("event=out_of_memory");
	w->job.run = work_run;
	w->job.done = work_done;
	w->pool = pool;
	w->work = work;
	w->more = more;
	w->arg = arg;
	w->ctx = c;
	if (pool_submit(pool, &w->job) != OK) {
		if (work->release != NULL)
			work->release(arg);
		free(w);
		reply_result(c, BUSY);
		return;
	}
	c->request->work = w;
	c->request->work_since = clock_mono_us();
}

void
ctx_work_in(struct ctx *c, struct pool *pool, const struct work *work,
    void *arg)
{
	work_start(c, pool, work, NULL, arg);
}

void
ctx_work(struct ctx *c, const struct work *work, void *arg)
{
	work_start(c, server_pool(), work, NULL, arg);
}

void
ctx_work_steps(struct ctx *c, const struct work *work,
    bool (*more)(void *arg), void *arg)
{
	work_start(c, server_pool(), work, more, arg);
}
