/*
 * Answers. Each handler path ends in exactly one of these; they may be
 * called from the handler, from an answer function or from work's answer.
 * All add the security headers, the request id and no-store.
 */
#ifndef SERVER_REPLY_H
#define SERVER_REPLY_H

#include "server/context.h"

/* Adds a header to the coming reply. Bad bytes drop it with a log line. */
void	reply_header(struct ctx *, const char *name, const char *value);
/* Set-Cookie name=value; Path=/; Secure; HttpOnly; SameSite=Lax, for
 * max_age seconds (0: until the browser closes; -1: delete). */
void	reply_cookie(struct ctx *, const char *name, const char *value,
	    int max_age);

/* The one JSON value in row 0, column 0: bytes to the API, page for people.
 * No row: 404. An ask_answer by itself. */
void	reply_model(struct ctx *, enum result, struct db_rows *);
/* The same from a value in hand (stolen), with a status. */
void	reply_value(struct ctx *, int status, json_t *model);
/* What a write made, at a path below the surface ("/exports/…"): the value
 * (stolen) with its Location to the API, 303 to it for people. */
void	reply_made(struct ctx *, int status, const char *path, json_t *model);
/* Page of a template other than the route's. model is stolen. */
void	reply_page(struct ctx *, int status, const char *page,
	    present_fn, json_t *model);
/* Raw bytes (copied) of a type; NULL extra headers. */
void	reply_bytes(struct ctx *, int status, const char *type,
	    const void *bytes, size_t n);
/* 303 for pages, Location is a path of ours. */
void	reply_redirect(struct ctx *, const char *path);
/* 204. */
void	reply_empty(struct ctx *);

/* Errors: problem+json (RFC 9457) to the API, the error page to people. */
/* status by outcome: 404, 403, 400, 409, 503, 502, 500. */
void	reply_result(struct ctx *, enum result);
/* 400 that names the field; message is French, translated by tr(). */
void	reply_invalid(struct ctx *, const char *field, const char *message);
/* Any other: type is the last word of the problem's URI
 * ("audio-pending"), detail a French sentence known to en.json. */
void	reply_problem(struct ctx *, int status, const char *type,
	    const char *detail);
/* The same with members of its own, stolen; pages show the detail alone. */
void	reply_problem_with(struct ctx *, int status, const char *type,
	    const char *detail, json_t *members);
/* The same with a way on: a link below the surface ("/exports") and its
 * French label on the page; the API gets a Link header. */
void	reply_problem_way(struct ctx *, int status, const char *type,
	    const char *detail, const char *path, const char *label);

/*
 * A body that takes its time. next() fills buf: bytes put, 0 end,
 * STREAM_WAIT nothing now (call stream_wake() later), STREAM_FAIL cut the
 * connection. done() exactly once. Handler's headers are set before.
 */
#define STREAM_FAIL	(-1)
#define STREAM_WAIT	(-2)
struct stream;
struct stream_source {
	ssize_t	 (*next)(void *arg, void *buf, size_t cap);
	void	 (*done)(void *arg, bool aborted);
	void	 (*started)(void *arg, struct stream *);	/* for waking */
	void	*arg;
};
/* length: exact bytes, or -1: chunked. HEAD: head only, done() at once. */
void	reply_stream(struct ctx *, int status, int64_t length,
	    const struct stream_source *);
void	stream_wake(struct stream *);

#endif
