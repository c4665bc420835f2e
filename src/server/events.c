/* Event streams; see events.h. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "server/drain.h"
#include "server/events.h"
#include "server/reply.h"
#include "server/server.h"

#define TICK_MS		250
#define BEAT_MS		20000	/* less than STALL_MS of stream.c */
#define BEHIND		65536	/* maximum of unsent bytes */
#define RETRY_MIN_MS	2000	/* random, so that clients do not all */
#define RETRY_SPREAD_MS	3000	/* reconnect at the same time */
#define SESSION_TEXT	37

struct events {
	struct events	*next;
	struct stream	*stream;	/* NULL: not started yet */
	struct buf	 out;
	int64_t		 beat;		/* time of the next comment */
	bool		 ended;		/* accepts no more events */
	char		 session[SESSION_TEXT];
	void		 (*closed)(void *arg);
	void		*arg;
};

static struct events	*list;
static size_t		 count;

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

static void
events_done(void *arg, bool aborted)
{
	struct events	*e = arg, **at;

	(void)aborted;
	for (at = &list; *at != e; at = &(*at)->next)
		continue;
	*at = e->next;
	count--;
	e->closed(e->arg);
	buf_dispose(&e->out);
	free(e);
}

static size_t
session_streams(const char *session)
{
	const struct events	*e;
	size_t			 n = 0;

	for (e = list; e != NULL; e = e->next)
		n += strcmp(e->session, session) == 0;
	return (n);
}

/* Checks the limits. Returns false after it replied. */
static bool
events_admit(struct ctx *c)
{
	if (draining() ||
	    count >= (size_t)server_settings()->worker_streams) {
		reply_result(c, BUSY);
		return (false);
	}
	if (session_streams(c->person->session_id) < EVENTS_A_SESSION)
		return (true);
	reply_header(c, "retry-after", "60");
	reply_problem(c, 429, "too-many-streams", "Cette session écoute déjà "
	    "les nouveautés dans plusieurs fenêtres.");
	return (false);
}

static struct events *
events_new(const char *session, void (*closed)(void *), void *arg)
{
	struct events	*e;

	if ((e = calloc(1, sizeof(*e))) == NULL)
		log_fatal("event=out_of_memory");
	(void)snprintf(e->session, sizeof(e->session), "%s", session);
	e->closed = closed;
	e->arg = arg;
	e->beat = clock_mono_ms() + BEAT_MS;
	e->next = list;
	list = e;
	count++;
	return (e);
}

struct events *
events_open(struct ctx *c, void (*closed)(void *), void *arg)
{
	struct stream_source	 s = { events_next, events_done,
				    events_started, NULL };
	struct events		*e;

	if (!events_admit(c))
		return (NULL);
	e = events_new(c->person->session_id, closed, arg);
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

/* Sends the comments. Ending a stream may remove it from the list. */
static void
events_tick(void *arg)
{
	struct events	*e, *next;
	int64_t		 now = clock_mono_ms();

	(void)arg;
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
	server_loop()->every(TICK_MS, events_tick, NULL);
}
