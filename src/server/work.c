/*
 * Work of a request on a thread pool; see context.h. When the client
 * disconnects, the job outlives the request, and its answer is not called.
 */
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/heavy.h"
#include "base/log.h"
#include "base/pool.h"
#include "server/request.h"
#include "server/server.h"

struct work_job {
	struct heavy		 turn;	/* first; if heavy */
	struct job		 job;
	bool			 heavy;
	bool			 waiting;	/* for its turn */
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

/* Gives back the turn and frees the job. */
static void
work_end(struct work_job *w)
{
	if (w->heavy && !w->waiting)
		heavy_end(&w->turn);
	if (w->work->release != NULL)
		w->work->release(w->arg);
	arena_dispose(&w->arena);
	free(w);
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
	work_end(w);
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
	if (w->waiting) {
		heavy_cancel(&w->turn);
		work_end(w);
	}
}

/* Frees a job that is not run, and replies why. */
static void
work_refuse(struct work_job *w, enum result why)
{
	struct ctx	*c = w->ctx;

	c->request->work = NULL;
	work_end(w);
	reply_result(c, why);
}

static void
work_turn_came(struct heavy *h)
{
	struct work_job	*w = (struct work_job *)h;

	w->waiting = false;
	pool_resubmit(w->pool, &w->job);
}

static void
work_turn_refused(struct heavy *h, enum result why)
{
	work_refuse((struct work_job *)h, why);
}

static struct work_job *
work_new(struct ctx *c, struct pool *pool, const struct work *work, void *arg)
{
	struct work_job	*w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		log_fatal("event=out_of_memory");
	w->job.run = work_run;
	w->job.done = work_done;
	w->job.item.key = c->scope.key;
	w->pool = pool;
	w->work = work;
	w->arg = arg;
	w->ctx = c;
	c->request->work = w;
	c->request->work_since = clock_mono_us();
	return (w);
}

static void
work_start(struct ctx *c, const struct work *work, bool (*more)(void *arg),
    void *arg)
{
	struct work_job	*w = work_new(c, server_pool(), work, arg);
	enum result	 queued;

	w->more = more;
	w->job.item.soon = more == NULL;	/* it is short */
	if ((queued = pool_submit(w->pool, &w->job)) != OK)
		work_refuse(w, queued);
}

void
ctx_work_turn(struct ctx *c, struct pool *pool, enum heavy_kind kind,
    const struct fair_key *key, const struct work *work, void *arg)
{
	struct work_job	*w = work_new(c, pool, work, arg);
	enum result	 queued;

	w->heavy = w->waiting = true;
	w->job.item.key = w->turn.item.key = *key;
	w->turn.kind = kind;
	w->turn.start = work_turn_came;
	w->turn.refused = work_turn_refused;
	if ((queued = heavy_wait(&w->turn)) != OK)
		work_refuse(w, queued);
}

void
ctx_work_heavy(struct ctx *c, const struct work *work, void *arg)
{
	ctx_work_turn(c, server_heavy(), HEAVY_WORK, &c->scope.key, work, arg);
}

void
ctx_work(struct ctx *c, const struct work *work, void *arg)
{
	work_start(c, work, NULL, arg);
}

void
ctx_work_steps(struct ctx *c, const struct work *work,
    bool (*more)(void *arg), void *arg)
{
	work_start(c, work, more, arg);
}
