/*
 * The state of a connection at the gate. Used by gate.c, which reads heads, and
 * gate_body.c, which reads bodies.
 */
#ifndef SERVER_GATE_STATE_H
#define SERVER_GATE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crowd.h"
#include "server/gate.h"
#include "server/gate_parse.h"

enum gate_state {
	HEAD,		/* reading a head */
	CHECK,		/* not reading until the session was checked */
	COLLECT,	/* reading a body */
	BODY,		/* passing a body to Kore */
	SERVING,	/* not reading until the reply is sent */
	LINGER		/* refused: discarding what arrives */
};

struct gate {
	enum gate_state	 state;
	char		*buf;		/* bytes not yet passed to Kore */
	size_t		 len, cap;
	size_t		 body_left;
	struct collect	*collect;	/* body of CHECK, COLLECT, BODY */
	bool		 large;		/* this body */
	bool		 expect;	/* its client expects 100 (Continue) */
	struct crowd_guest guest;
	struct gate_client client;
	struct gate_head head;		/* of collect, for its refusal */
	bool		 unread;	/* data arrived while SERVING */
	uint64_t	 linger_until;
	size_t		 lingered;
};

/* In gate.c. */
struct gate	*gate_of(struct connection *);
/* Reads decrypted bytes into buf instead of Kore's buffer. When there is
 * nothing to read, clears KORE_EVENT_READ and sets *n to 0. */
int		 gate_read(struct connection *, void *buf, size_t room,
		    size_t *n);
/* Returns whether the worker has as many requests as it may have, health checks
 * excepted. */
bool		 gate_full(void);
/* Gives Kore a rewritten head, in a buffer of its length: Kore's own, of
 * http_header_max, is short, as every idle connection has one. */
void		 gate_pass_head(struct connection *, const char *head,
		    size_t n);
/* Removes n bytes from the start of the buffer. */
void		 gate_consume(struct gate *, size_t n);
/* Makes room for another read. Returns 0, or the status to refuse with. */
int		 gate_make_room(struct gate *);
/* Responds with a status and closes. Returns a result of Kore. */
int		 gate_refuse(struct connection *, struct gate *,
		    const struct gate_head *, int status);
/* Makes the loop read what has arrived meanwhile. */
void		 gate_resume(struct connection *, struct gate *);

/* In gate_body.c. */
/* Begins the body of a head, whose rewritten form is out, of at most max bytes.
 * Sets *bytes to those that Kore gets. Returns a result of Kore. */
int		 gate_body_start(struct connection *, struct gate *,
		    const struct gate_head *, const char *out, size_t max,
		    size_t *bytes);
/* Reads more of a body; passes more of it to Kore. Likewise. */
int		 gate_body_collect(struct connection *, struct gate *,
		    size_t *bytes);
int		 gate_body_pass(struct connection *, struct gate *,
		    size_t *bytes);

#endif
