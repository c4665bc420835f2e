/*
 * Replies. Each path of a handler calls exactly one of these functions, in the
 * handler itself, in the answer of a query or in the answer of work. All add
 * the security headers, the request id and no-store.
 */
#ifndef SERVER_REPLY_H
#define SERVER_REPLY_H

#include "server/context.h"

/* Adds a header field to the reply. Logs and drops one with invalid bytes. */
void	reply_header(struct ctx *, const char *name, const char *value);
/* Adds Set-Cookie: name=value; Path=/; Secure; HttpOnly; SameSite=Lax, for
 * max_age seconds (0: until the browser is closed; -1: deletes it). */
void	reply_cookie(struct ctx *, const char *name, const char *value,
	    int max_age);

/* Replies with the JSON value in row 0, column 0: its bytes in the API, the
 * page of the route otherwise; 404 when there is no row. Has the type
 * ask_answer. */
void	reply_model(struct ctx *, struct db_rows *, void *unused);
/* Like reply_model(), for a value, whose ownership it takes, and a status. */
void	reply_value(struct ctx *, int status, json_t *model);
/* Replies to a write that made an object at a path after the surface
 * ("/exports/…"). In the API, sends the value and its Location; on pages,
 * redirects there (303). Takes ownership of model. */
void	reply_made(struct ctx *, int status, const char *path, json_t *model);
/* Replies with the page of a template. Takes ownership of model. */
void	reply_page(struct ctx *, int status, const char *page,
	    present_fn, json_t *model);
/* Replies with n bytes, which it copies, of a media type. */
void	reply_bytes(struct ctx *, int status, const char *type,
	    const void *bytes, size_t n);
/* Redirects with 303 to a path of this host. */
void	reply_redirect(struct ctx *, const char *path);
/* Replies 204. */
void	reply_empty(struct ctx *);

/* Error replies: problem+json (RFC 9457) in the API, the error page
 * otherwise. */
/* The status of the result: 404, 403, 400, 409, 503, 502 or 500. */
void	reply_result(struct ctx *, enum result);
/* Replies 400 about a field; message is French and translated by tr(). */
void	reply_invalid(struct ctx *, const char *field, const char *message);
/* Replies with another error. type is the last word of the URI of the problem
 * ("audio-pending"), detail a French sentence with a translation in en.json. */
void	reply_problem(struct ctx *, int status, const char *type,
	    const char *detail);
/* Like reply_problem(), with further members in the API. Takes ownership of
 * members. */
void	reply_problem_with(struct ctx *, int status, const char *type,
	    const char *detail, json_t *members);
/* Like reply_problem(), with a link to a path after the surface ("/exports").
 * The page shows its French label; the API gets a Link header. */
void	reply_problem_way(struct ctx *, int status, const char *type,
	    const char *detail, const char *path, const char *label);

/*
 * Source of a streamed body. next() fills buf and returns the number of bytes,
 * 0 at the end, STREAM_WAIT when it has none yet (it then calls stream_wake()
 * later), or STREAM_FAIL to close the connection. done() is called exactly
 * once. The handler adds its header fields before reply_stream().
 */
#define STREAM_FAIL	(-1)
#define STREAM_WAIT	(-2)
struct stream;
struct stream_source {
	ssize_t	 (*next)(void *arg, void *buf, size_t cap);
	void	 (*done)(void *arg, bool aborted);
	/* Gets the stream for stream_wake(); may be NULL. */
	void	 (*started)(void *arg, struct stream *);
	void	*arg;
};
/* Replies with a streamed body of length bytes, or chunked when length is -1.
 * To HEAD, sends the head only and calls done(). */
void	reply_stream(struct ctx *, int status, int64_t length,
	    const struct stream_source *);
/* Makes the stream call next() again. */
void	stream_wake(struct stream *);

#endif
