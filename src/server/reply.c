/* Replies: their bytes and header fields; see reply.h. Pages are in page.c,
 * errors in problem.c. */
#include <sys/types.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <stdlib.h>
#include <string.h>

#include "server/reply_field.h"
#include "server/drain.h"
#include "server/gate.h"
#include "server/headers.h"
#include "server/page.h"
#include "server/request.h"
#include "server/stream.h"

static void
reply_done(struct request *r, int status)
{
	r->status = status;
	r->replied = true;
	request_wake(r);
}

void
reply_header(struct ctx *c, const char *name, const char *value)
{
	struct reply_field	*f = arena_alloc(&c->arena, sizeof(*f));

	f->name = arena_strdup(&c->arena, name);
	f->value = arena_strdup(&c->arena, value);
	f->next = c->request->fields;
	c->request->fields = f;
}

void
reply_cookie(struct ctx *c, const char *name, const char *value, int max_age)
{
	const char	*age = "";

	if (max_age != 0)
		age = arena_printf(&c->arena, "; Max-Age=%d",
		    max_age < 0 ? 0 : max_age);
	reply_header(c, "set-cookie", arena_printf(&c->arena,
	    "%s=%s; Path=/; Secure; HttpOnly; SameSite=Lax%s", name, value,
	    age));
}

void
reply_bytes(struct ctx *c, int status, const char *type, const void *bytes,
    size_t n)
{
	reply_header(c, "content-type", type);
	buf_append(&c->request->body, bytes, n);
	reply_done(c->request, status);
}

void
reply_buf(struct ctx *c, int status, const char *type, struct buf *b)
{
	reply_header(c, "content-type", type);
	c->request->body = *b;
	memset(b, 0, sizeof(*b));
	reply_done(c->request, status);
}

void
reply_empty(struct ctx *c)
{
	reply_done(c->request, 204);
}

void
reply_redirect(struct ctx *c, const char *path)
{
	reply_header(c, "location", path);
	reply_done(c->request, 303);
}

void
reply_model(struct ctx *c, struct db_rows *rows, void *unused)
{
	const char	*json;

	(void)unused;
	json = db_count(rows) > 0 ? db_value(rows, 0, 0) : NULL;
	if (json == NULL)
		reply_result(c, NOT_FOUND);
	else if (c->surface == API)
		reply_bytes(c, 200, "application/json; charset=utf-8", json,
		    db_length(rows, 0, 0));
	else
		page_of_rows(c, rows);
}

void
reply_value(struct ctx *c, int status, json_t *model)
{
	char	*text;

	if (c->surface != API && c->route->page != NULL) {
		reply_page(c, status, c->route->page, c->route->present,
		    model);
		return;
	}
	text = json_dumps(model, JSON_COMPACT);
	reply_bytes(c, status, "application/json; charset=utf-8", text,
	    strlen(text));
	free(text);
	json_decref(model);
}

void
reply_made(struct ctx *c, int status, const char *path, json_t *model)
{
	const char	*location = arena_printf(&c->arena, "%s%s", c->base,
			    path);

	if (c->surface == API) {
		reply_header(c, "location", location);
		reply_value(c, status, model);
		return;
	}
	reply_redirect(c, location);
	json_decref(model);
}

void
reply_stream(struct ctx *c, int status, int64_t length,
    const struct stream_source *source)
{
	c->request->stream = *source;
	c->request->length = length;
	reply_done(c->request, status);
}

static bool
has_field(const struct request *r, const char *name)
{
	const struct reply_field	*f;

	for (f = r->fields; f != NULL; f = f->next)
		if (strcmp(f->name, name) == 0)
			return (true);
	return (false);
}

/* Sends the security headers. The forms of the console may redirect to the
 * host of the board, which Chromium checks against form-action. */
static void
send_security(struct request *r)
{
	struct ctx			*c = &r->ctx;
	const struct header_field	*h;
	const char			*board = ctx_origin(c, BOARD);

	for (h = security_headers; h->name != NULL; h++)
		http_response_header(r->kore, h->name, h->value);
	if (*board != '\0')
		http_response_header(r->kore, "content-security-policy",
		    arena_printf(&c->arena, CONTENT_SECURITY " %s", board));
}

static void
send_fields(struct request *r)
{
	const struct reply_field	*f;

	send_security(r);
	http_response_header(r->kore, "date", header_date());
	http_response_header(r->kore, "x-request-id", r->ctx.request_id);
	if (!has_field(r, "cache-control"))
		http_response_header(r->kore, "cache-control", "no-store");
	for (f = r->fields; f != NULL; f = f->next)
		reply_field_add(r->kore, f->name, f->value);
}

void
request_send(struct request *r)
{
	struct request_log	l;
	bool			connected = r->kore->owner != NULL;
	bool			unread = request_checks(r);

	send_fields(r);
	/* The client sends its next request to the new instance. */
	if ((draining() && connected) || unread)
		r->kore->owner->flags |= CONN_CLOSE_EMPTY;
	r->logged = true;
	request_log_begin(&l, r);
	if (r->stream.next != NULL) {
		stream_start(r, &l);
		return;
	}
	/* Otherwise Kore adds a Content-Length of 0 to 304. */
	if (r->status == 304)
		r->kore->flags |= HTTP_REQUEST_NO_CONTENT_LENGTH;
	http_response(r->kore, r->status, r->body.data, r->body.len);
	if (unread)
		gate_turned_away(r->kore->owner);
	request_log_end(&l, r->ctx.head || !connected ? 0 : r->body.len,
	    connected);
}
