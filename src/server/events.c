/* Event streams; see events.h. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "server/drain.h"
#include "server/events.h"
#include "server/model.h"
#include "server/reply.h"
#include "server/server.h"

#define TICK_MS		250
#define BEAT_MS		20000	/* less than STALL_MS of stream.c */
#define BEHIND		65536	/* maximum of unsent bytes */
#define RETRY_MIN_MS	2000	/* random, so that clients do not all */
#define RETRY_SPREAD_MS	3000	/* reconnect at the same time */
#define HOLD_MS		5000	/* see stream_hold() */
#define CLAIM_TEXT	37

struct events {
	struct events	*next;
	struct stream	*stream;	/* NULL: not started yet */
	struct buf	 out;
	int64_t		 beat;		/* time of the next comment */
	bool		 ended;		/* accepts no more events */
	struct fair_item item;		/* in shares */
	int64_t		 hold;		/* time to extend the claim */
	bool		 holding;	/* the running query extends it */
	char		 claim[CLAIM_TEXT];
	void		 (*closed)(void *arg);
	void		*arg;
};

/* A claim being made, in the request's arena. */
struct claiming {
	events_begin	 begin;
	void		*arg;
};

static struct events	*list;
static size_t		 count;
static struct fair	*shares;	/* who has how many */
static bool		 holding;	/* a query extends claims */

static void	claims_held(void *, enum result, struct db_rows *);

static void
events_put(struct events *e, const char *text, size_t n)
{
	if (e->ended)
		return;
	if (e->out.len + n > BEHIND)
		e->ended = true;
	else
		buf_append(&e->out, text, n);
}

static void
events_wake(struct events *e)
{
	if (e->stream != NULL)
		stream_wake(e->stream);
}

static ssize_t
events_next(void *arg, void *out, size_t cap)
{
	struct events	*e = arg;
	size_t		 n = e->out.len < cap ? e->out.len : cap;

	if (n == 0)
		return (e->ended ? 0 : STREAM_WAIT);
	memcpy(out, e->out.data, n);
	e->out.len -= n;
	memmove(e->out.data, e->out.data + n, e->out.len);
	if (e->out.len == 0)
		buf_dispose(&e->out);	/* most streams are idle */
	return ((ssize_t)n);
}

static void
events_started(void *arg, struct stream *stream)
{
	struct events	*e = arg;

	e->stream = stream;
}

/* Gives a claim back. It ends by itself when the query fails. */
static void
claim_leave(const char *claim)
{
	static const struct db_scope	 nobody;

	(void)db_send(SQL_SERVER_STREAM_LEAVE, &nobody, &claim, 1, NULL, NULL);
}

static void
events_done(void *arg, bool aborted)
{
	struct events	*e = arg, **at;

	(void)aborted;
	for (at = &list; *at != e; at = &(*at)->next)
		continue;
	*at = e->next;
	count--;
	claim_leave(e->claim);
	fair_end(shares, &e->item);
	e->closed(e->arg);
	buf_dispose(&e->out);
	free(e);
}

static void
claim_answered(struct ctx *c, struct db_rows *rows, void *arg)
{
	const struct claiming	*k = arg;
	const char		*claim = db_text(rows, 0, "lease");

	if (claim == NULL) {
		reply_header(c, "retry-after", "60");
		reply_problem(c, 429, "too-many-streams", "Vous suivez déjà "
		    "les nouveautés dans trop de fenêtres. Fermez-en une.");
	} else
		k->begin(c, arena_strdup(&c->arena, claim), k->arg);
}

void
events_claim(struct ctx *c, events_begin begin, void *arg)
{
	struct claiming	*k;
	const char	*params[2];

	if (draining()) {
		reply_result(c, BUSY);
		return;
	}
	k = arena_alloc(&c->arena, sizeof(*k));
	k->begin = begin;
	k->arg = arg;
	params[0] = arena_printf(&c->arena, "%d", EVENTS_A_SESSION);
	params[1] = arena_printf(&c->arena, "%d", EVENTS_A_PERSON);
	ask(c, SQL_SERVER_STREAM_CLAIM, params, 2, claim_answered, k);
}

/* Returns a stream of the customer that has the most; NULL: there is none. */
static struct events *
events_of_most(void)
{
	struct events	*e, *most = NULL;

	for (e = list; e != NULL; e = e->next)
		if (!e->ended && (most == NULL ||
		    fair_share(&e->item) > fair_share(&most->item)))
			most = e;
	return (most);
}

/* Counts the stream. When a worker has too many, one of the customer with the
 * most ends, whose client connects again. Returns false when that is this
 * one's. */
static bool
events_share(struct events *e)
{
	struct events	*most;

	(void)fair_hold(shares, &e->item);	/* it has no limits */
	if (count < (size_t)server_settings()->worker_streams)
		return (true);
	most = events_of_most();
	if (most != NULL && fair_share(&most->item) > fair_share(&e->item)) {
		events_end(most);
		return (true);
	}
	fair_end(shares, &e->item);
	return (false);
}

/* Returns NULL when the customer of the key has too many. */
static struct events *
events_new(const char *claim, const struct fair_key *key,
    void (*closed)(void *), void *arg)
{
	struct events	*e;

	if ((e = calloc(1, sizeof(*e))) == NULL)
		log_fatal("event=out_of_memory");
	e->item.key = *key;
	if (!events_share(e)) {
		free(e);
		return (NULL);
	}
	(void)snprintf(e->claim, sizeof(e->claim), "%s", claim);
	e->closed = closed;
	e->arg = arg;
	e->hold = clock_mono_ms();
	e->beat = e->hold + BEAT_MS;
	e->next = list;
	list = e;
	count++;
	return (e);
}

struct events *
events_open(struct ctx *c, const char *claim, void (*closed)(void *),
    void *arg)
{
	struct stream_source	 s = { events_next, events_done,
				    events_started, NULL };
	struct events		*e;

	if ((e = events_new(claim, &c->scope.key, closed, arg)) == NULL) {
		claim_leave(claim);
		reply_result(c, CROWDED);
		return (NULL);
	}
	s.arg = e;
	buf_printf(&e->out, "retry: %u\n\n", RETRY_MIN_MS +
	    randombytes_uniform(RETRY_SPREAD_MS));
	reply_header(c, "content-type", "text/event-stream");
	/* nginx must not buffer the stream */
	reply_header(c, "x-accel-buffering", "no");
	reply_stream(c, 200, -1, &s);
	return (e);
}

void
events_publish(struct events *e, const char *name, const char *id,
    const char *json)
{
	struct buf	 b = { NULL, 0, 0 };

	if (id != NULL)
		buf_printf(&b, "id: %s\n", id);
	buf_printf(&b, "event: %s\ndata: %s\n\n", name, json);
	events_put(e, b.data, b.len);
	buf_dispose(&b);
	events_wake(e);
}

void
events_end(struct events *e)
{
	e->ended = true;
	events_wake(e);
}

/* Extends the claims that are due, with one query. */
static void
claims_hold(int64_t now)
{
	static const struct db_scope	 nobody;
	struct buf			 ids = { NULL, 0, 0 };
	struct events			*e;
	const char			*params[1];

	for (e = list; e != NULL; e = e->next) {
		e->holding = now >= e->hold;
		if (!e->holding)
			continue;
		e->hold = now + HOLD_MS;
		buf_printf(&ids, "%c%s", ids.len == 0 ? '{' : ',', e->claim);
	}
	if (ids.len == 0)
		return;
	buf_putc(&ids, '}');
	params[0] = ids.data;
	holding = true;
	(void)db_send(SQL_SERVER_STREAM_HOLD, &nobody, params, 1, claims_held,
	    NULL);
	buf_dispose(&ids);
}

/* Ends streams whose claim is gone: the database was away for long. When the
 * query failed, streams continue. */
static void
claims_held(void *owner, enum result result, struct db_rows *rows)
{
	struct events	*e, *next;
	json_t		*held;

	(void)owner;
	holding = false;
	if (result != OK)
		return;
	held = model_of(rows);
	for (e = list; e != NULL; e = next) {
		next = e->next;		/* events_end() may free the stream */
		if (e->holding && json_object_get(held, e->claim) == NULL)
			events_end(e);
	}
	json_decref(held);
}

/* Sends the comments. Ending a stream may remove it from the list. */
static void
events_tick(void *arg)
{
	struct events	*e, *next;
	int64_t		 now = clock_mono_ms();

	(void)arg;
	if (!holding)
		claims_hold(now);
	for (e = list; e != NULL; e = next) {
		next = e->next;
		if (draining())
			events_end(e);
		else if (now >= e->beat) {
			e->beat += BEAT_MS;
			events_put(e, ":\n\n", 3);
			events_wake(e);
		}
	}
}

void
events_start(void)
{
	static const struct fair_limits	none;

	shares = fair_new(&none);
	server_loop()->every(TICK_MS, events_tick, NULL);
}
