/*
 * Event streams (WHATWG HTML, "Server-sent events"). Each stream gets a comment
 * every 20 s, so that it is not closed as idle. A stream whose client reads too
 * slowly is ended; the client reconnects with the id of the last event that it
 * received.
 *
 * Streams are counted in the database (stream_lease), so that bounds hold over
 * all workers. A worker extends the claims of its streams every five seconds.
 * Call all functions on the loop's thread.
 */
#ifndef SERVER_EVENTS_H
#define SERVER_EVENTS_H

#include "server/context.h"

/* Streams at once, over all workers and machines. */
#define EVENTS_A_SESSION	4
#define EVENTS_A_PERSON		16

struct events;

/* Starts the timer. Call it once in each worker. */
void		 events_start(void);
/* Claims a stream for the session, then calls begin(), which must call
 * events_open(); claim and arg live as long as the request. Replies 429 when
 * the session or its person has too many streams, or 503 when the worker is
 * draining. */
typedef void	(*events_begin)(struct ctx *, const char *claim, void *arg);
void		 events_claim(struct ctx *, events_begin, void *arg);
/* Replies with a stream. closed(arg) is called once when it has ended; the
 * stream is freed then. Returns NULL after it replied 429, when the worker has
 * as many streams as it may and no other customer has more of them than this
 * one; closed() is then not called, and the claim is given back. */
struct events	*events_open(struct ctx *, const char *claim,
		    void (*closed)(void *arg), void *arg);
/* Sends an event: its name, its id (NULL: none) and its data, one line of
 * JSON. */
void		 events_publish(struct events *, const char *name,
		    const char *id, const char *json);
/* Ends the stream after the events sent so far. Clients reconnect by
 * themselves. */
void		 events_end(struct events *);

#endif
