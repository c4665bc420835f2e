/*
 * Event streams (WHATWG HTML, "Server-sent events"). Each stream gets a comment
 * every 20 s, so that it is not closed as idle. A stream whose client reads too
 * slowly is ended; the client reconnects with the id of the last event that it
 * received. Call all functions on the loop's thread.
 */
#ifndef SERVER_EVENTS_H
#define SERVER_EVENTS_H

#include "server/context.h"

#define EVENTS_A_SESSION	4	/* streams per session and worker */

struct events;

/* Starts the timer. Call it once in each worker. */
void		 events_start(void);
/* Replies with a stream. closed(arg) is called once when it has ended; the
 * stream is freed then. Returns NULL after it replied 429, when the session has
 * too many streams, or 503, when the worker has too many or is draining;
 * closed() is then not called. */
struct events	*events_open(struct ctx *, void (*closed)(void *arg),
		    void *arg);
/* Sends an event: its name, its id (NULL: none) and its data, one line of
 * JSON. */
void		 events_publish(struct events *, const char *name,
		    const char *id, const char *json);
/* Ends the stream after the events sent so far. Clients reconnect by
 * themselves. */
void		 events_end(struct events *);

#endif
