/*
 * Sends an object of the store, see object.h. The pool reads one block at a
 * time while the previous one is sent, so a slow client holds no thread.
 * Everything but block_run() happens on the event loop.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "exports/object.h"
#include "server/server.h"

#define BLOCK		262144	/* bytes */

struct sending {
	struct job		 job;	/* first: block_run() casts it back */
	struct store_object	 object;
	struct stream		*stream;
	int64_t			 read_at;	/* of the next block */
	int64_t			 end;		/* byte after the last */
	uint8_t			*now;		/* being sent */
	size_t			 now_at, now_n;
	uint8_t			*ahead;		/* read, or being read */
	size_t			 ahead_n;	/* 0: not read yet */
	enum result		 result;
	bool			 in_work;	/* the job is in the pool */
	atomic_bool		 gone;		/* the client has left */
};

static void
sending_free(struct sending *s)
{
	s->object.store->close(&s->object);
	free(s->now);
	free(s->ahead);
	free(s);
}

static size_t
block_size(const struct sending *s)
{
	return (s->end - s->read_at < BLOCK ? (size_t)(s->end - s->read_at) :
	    BLOCK);
}

/* On a pool thread. */
static void
block_run(struct job *j)
{
	struct sending	*s = (struct sending *)j;

	if (!atomic_load(&s->gone))
		s->result = s->object.store->read(&s->object, s->ahead,
		    block_size(s), s->read_at);
}

static void
block_done(struct job *j)
{
	struct sending	*s = (struct sending *)j;

	s->in_work = false;
	if (atomic_load(&s->gone)) {
		sending_free(s);
		return;
	}
	if (s->result == OK) {
		s->ahead_n = block_size(s);
		s->read_at += (int64_t)s->ahead_n;
	} else
		log_error("event=archive_failed result=%d", s->result);
	stream_wake(s->stream);
}

/* Starts to read the next block, unless one is being read or waits. */
static void
read_ahead(struct sending *s)
{
	if (s->in_work || s->ahead_n > 0 || s->result != OK ||
	    s->read_at >= s->end)
		return;
	s->in_work = true;
	pool_resubmit(server_pool(), &s->job);
}

static void
swap_blocks(struct sending *s)
{
	uint8_t	*empty = s->now;

	s->now = s->ahead;
	s->now_n = s->ahead_n;
	s->now_at = 0;
	s->ahead = empty;
	s->ahead_n = 0;
}

static ssize_t
object_send_next(void *arg, void *buf, size_t cap)
{
	struct sending	*s = arg;
	size_t		 n;

	if (s->now_at == s->now_n && s->ahead_n > 0)
		swap_blocks(s);
	read_ahead(s);
	if (s->now_at == s->now_n && s->result != OK)
		return (STREAM_FAIL);
	if (s->now_at == s->now_n)
		return (s->read_at < s->end ? STREAM_WAIT : 0);
	n = s->now_n - s->now_at < cap ? s->now_n - s->now_at : cap;
	memcpy(buf, s->now + s->now_at, n);
	s->now_at += n;
	return ((ssize_t)n);
}

static void
object_send_started(void *arg, struct stream *stream)
{
	struct sending	*s = arg;

	s->stream = stream;
}

static void
object_send_done(void *arg, bool aborted)
{
	struct sending	*s = arg;

	(void)aborted;
	atomic_store(&s->gone, true);
	if (!s->in_work)
		sending_free(s);
}

struct stream_source
object_source(const struct store_object *o, const struct fair_key *key,
    int64_t first, int64_t last)
{
	struct stream_source	 source;
	struct sending		*s;

	if ((s = calloc(1, sizeof(*s))) == NULL ||
	    (s->now = malloc(BLOCK)) == NULL ||
	    (s->ahead = malloc(BLOCK)) == NULL)
		log_fatal("event=out_of_memory");
	s->job.run = block_run;
	s->job.done = block_done;
	s->job.item.key = *key;
	s->object = *o;
	s->read_at = first;
	s->end = last + 1;
	source.next = object_send_next;
	source.started = object_send_started;
	source.done = object_send_done;
	source.arg = s;
	return (source);
}
