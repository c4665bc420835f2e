/*
 * Streams of events (WHATWG HTML, "Server-sent events"): bytes on their way
 * to those who listen, nothing of what they mean. A stream is kept alive by a
 * comment every 20 s, on its own beat whatever is published; a reader who
 * falls behind is let go, to come back with the id of what it heard last.
 * All on the loop's thread.
 */
#ifndef SERVER_EVENTS_H
#define SERVER_EVENTS_H

#include "server/context.h"

#define EVENTS_A_SESSION	4	/* streams in a worker */

struct events;

/* Once in each worker. */
void		 events_start(void);
/* Answers with a stream. closed(arg) is called once when it has ended, for
 * whatever reason; the stream is gone then. NULL: too many of the session's
 * (429), too many in all or the server is leaving (503): replied, and
 * closed() is not called. */
struct events	*events_open(struct ctx *, void (*closed)(void *arg),
		    void *arg);
/* One event: its name, an id to come back with (or NULL: as before), its data
 * as one line of JSON. */
void		 events_publish(struct events *, const char *name,
		    const char *id, const char *json);
/* Ends the stream when what was published has gone out; clients come back by
 * themselves. */
void		 events_end(struct events *);

#endif
