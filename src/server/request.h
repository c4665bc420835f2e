/*
 * A request of Kore with its context, its running query or work, and its
 * reply. Used inside src/server/ only.
 */
#ifndef SERVER_REQUEST_H
#define SERVER_REQUEST_H

#include "base/buf.h"
#include "server/context.h"
#include "server/reply.h"
#include "server/request_log.h"

struct http_request;
struct work_job;
struct connection;

struct reply_field {
	const char		*name, *value;	/* in the arena */
	struct reply_field	*next;
};

struct request {
	struct ctx		 ctx;
	struct http_request	*kore;
	struct db_ask		*ask;		/* running, or NULL */
	struct work_job		*work;		/* running, or NULL */
	int64_t			 work_since;	/* clock_mono_us() */
	struct request_times	 times;
	bool			 entered;	/* Kore's handler is running */
	bool			 replied;
	bool			 checked;	/* the gate may read the body */
	bool			 logged;
	int			 status;
	struct reply_field	*fields;	/* newest first */
	struct buf		 body;
	int64_t			 length;	/* of a stream; -1: chunked */
	struct stream_source	 stream;	/* next is NULL: use body */
};

/* Reads the body of Kore's request into the context, whose surface is set.
 * Returns OK, or another result after it replied. */
enum result	 request_read_body(struct request *);
/* Returns whether the gate has yet to read the body (gate_checks()). */
bool		 request_checks(const struct request *);
/* Makes the gate read the body; then the request begins again. */
void		 request_checked(struct request *);
/* The person of the request is known, with the key of its scope; or it has no
 * session. */
void		 request_known(struct request *);
void		 request_unknown(struct request *);
/* Makes Kore call its handler again, after a reply outside the handler. */
void		 request_wake(struct request *);
/* Sends the reply. */
void		 request_send(struct request *);

/* In router.c: everything between the head of a request and its handler. */
void		 router_start(struct request *);

/* In work.c: detaches the job from a request that ends. Takes ownership of the
 * memory of the arena, which the job may use on a thread. */
void		 work_orphan(struct work_job *, struct arena *);

/* Like reply_bytes(), but takes ownership of the bytes. */
void		 reply_buf(struct ctx *, int status, const char *type,
		    struct buf *);

#endif
