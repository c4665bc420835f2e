/*
 * A request between Kore and its context: what is under way for it, and the
 * reply once there is one. For server/ only.
 */
#ifndef SERVER_REQUEST_H
#define SERVER_REQUEST_H

#include "base/buf.h"
#include "server/context.h"
#include "server/reply.h"

struct http_request;
struct work_job;

struct reply_field {
	const char		*name, *value;	/* in the arena */
	struct reply_field	*next;
};

struct request {
	struct ctx		 ctx;
	struct http_request	*kore;
	struct db_ask		*ask;		/* under way, or NULL */
	struct work_job		*work;		/* under way, or NULL */
	int64_t			 started;	/* clock_mono_ms() */
	bool			 entered;	/* inside Kore's handler now */
	bool			 replied;
	int			 status;
	struct reply_field	*fields;	/* newest first */
	struct buf		 body;
	int64_t			 length;	/* of a stream; -1: chunked */
	struct stream_source	 stream;	/* next NULL: the body it is */
};

/* Reads the head of Kore's request into the context; then, once the surface
 * is known, its body. Not OK: replied already. */
enum result	 request_read(struct request *);
enum result	 request_read_body(struct request *);
/* After replied was set outside Kore's handler: makes Kore call it again. */
void		 request_wake(struct request *);
/* Sends what was replied. */
void		 request_send(struct request *);
/* The request is gone: nothing under way may come back to it. */
void		 request_dispose(struct request *);

/* router.c: everything between the head and the handler. */
void		 router_start(struct request *);

/* work.c: the request is gone. Its memory is handed to the job, which may
 * be using it on a thread. */
void		 work_orphan(struct work_job *, struct arena *);

/* The same as reply_bytes(), taking the bytes over. */
void		 reply_buf(struct ctx *, int status, const char *type,
		    struct buf *);

static inline struct request *
request_of(struct ctx *c)
{
	return (c->request);
}

#endif
