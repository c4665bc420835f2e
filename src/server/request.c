/*
 * The handler that Kore calls for every request, the end of a request, and
 * reading a request into its context.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/multipart.h"
#include "base/text.h"
#include "server/gate.h"
#include "server/headers.h"
#include "server/request.h"
#include "server/session.h"
#include "server/stream.h"

/* conf/kore.conf.in names them; Kore finds them with dlsym(3). */
int	smartrecord_request(struct http_request *);
void	smartrecord_request_free(struct http_request *);

static enum result	request_read(struct request *);
static void		request_dispose(struct request *);

static struct request *
request_new(struct http_request *kore)
{
	struct request	*r;
	uint8_t		 id[8];

	if ((r = calloc(1, sizeof(*r))) == NULL)
		log_fatal("event=out_of_memory");
	r->kore = kore;
	r->ctx.request = r;
	r->times.started = clock_mono_us();
	randombytes_buf(id, sizeof(id));
	hex_encode(id, sizeof(id), r->ctx.request_id);
	/* Prevents Kore from freeing hdlr_extra with its allocator. */
	kore->flags |= HTTP_REQUEST_RETAIN_EXTRA;
	kore->hdlr_extra = r;
	return (r);
}

int
smartrecord_request(struct http_request *kore)
{
	struct request	*r = kore->hdlr_extra;

	if (r == NULL) {
		r = request_new(kore);
		r->entered = true;
		if (request_read(r) == OK)
			router_start(r);
		r->entered = false;
	}
	if (r->checked) {
		r->logged = true;	/* the complete request is */
		gate_checked(kore->owner);
		return (KORE_RESULT_OK);
	}
	if (!r->replied) {
		http_request_sleep(kore);
		return (KORE_RESULT_RETRY);
	}
	request_send(r);
	return (KORE_RESULT_OK);
}

void
smartrecord_request_free(struct http_request *kore)
{
	struct request	*r = kore->hdlr_extra;

	if (r != NULL)
		request_dispose(r);
	kore->hdlr_extra = NULL;
}

/* Frees the request. Cancels its query and detaches its work. */
static void
request_dispose(struct request *r)
{
	if (!r->logged)
		request_log_gone(r);
	if (r->ask != NULL)
		db_abandon(r->ask);
	if (r->work != NULL)
		work_orphan(r->work, &r->ctx.arena);
	if (r->stream.next != NULL)	/* replied, but not sent */
		r->stream.done(r->stream.arg, true);
	json_decref(r->ctx.body);
	buf_dispose(&r->body);
	arena_dispose(&r->ctx.arena);
	free(r);
}

void
request_wake(struct request *r)
{
	if (!r->entered)
		http_request_wakeup(r->kore);
}

bool
request_checks(const struct request *r)
{
	return (r->kore->owner != NULL && gate_checks(r->kore->owner));
}

void
request_checked(struct request *r)
{
	r->checked = true;
	request_wake(r);
}

void
request_known(struct request *r)
{
	if (r->kore->owner != NULL)
		gate_known(r->kore->owner, r->ctx.scope.key.customer,
		    r->ctx.scope.key.person);
}

void
request_unknown(struct request *r)
{
	if (r->kore->owner != NULL)
		gate_unknown(r->kore->owner);
}

/* Reads the address of the client and the request id of a trusted proxy. */
static void
client_read(struct request *r)
{
	const struct gate_client	*client = gate_client(r->kore->owner);
	char				 text[IP_TEXT];

	ip_text(&client->ip, text);
	r->ctx.address = arena_strdup(&r->ctx.arena, text);
	r->ctx.network = r->ctx.scope.key = fair_stranger(&client->ip);
	if (client->request_id[0] != '\0')
		memcpy(r->ctx.request_id, client->request_id,
		    sizeof(client->request_id));
}

/* "localhost:8443" → "localhost"; "[::1]:8443" → "[::1]". */
static const char *
host_without_port(struct arena *a, const char *authority)
{
	const char	*colon = strrchr(authority, ':');

	if (colon == NULL || strchr(colon, ']') != NULL)
		return (authority);
	return (arena_strndup(a, authority, (size_t)(colon - authority)));
}

static enum result
body_json(struct request *r, const char *bytes, size_t n)
{
	struct ctx	*c = &r->ctx;
	const char	*type = ctx_header(c, "content-type");

	if (type == NULL || strncasecmp(type, "application/json", 16) != 0) {
		reply_problem(c, 415, "unsupported-media-type",
		    "Le corps de la requête doit être en application/json.");
		return (INVALID);
	}
	c->body = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(c->body)) {
		reply_invalid(c, "body",
		    "Le corps de la requête n’est pas un objet JSON.");
		return (INVALID);
	}
	return (OK);
}

static enum result
body_form(struct request *r, const char *bytes, size_t n)
{
	struct ctx	*c = &r->ctx;
	const char	*type = ctx_header(c, "content-type");
	enum result	 result;

	if (type != NULL && strncasecmp(type,
	    "application/x-www-form-urlencoded", 33) == 0)
		result = params_parse(&c->form, &c->arena, bytes, n);
	else if (type != NULL && c->route->files && multipart_type(type))
		result = multipart_parse(&c->form, &c->arena, type, bytes, n);
	else {
		reply_problem(c, 415, "unsupported-media-type",
		    "Le formulaire n’a pas le type attendu.");
		return (INVALID);
	}
	if (result != OK) {
		reply_invalid(c, "body", "Le formulaire est illisible.");
		return (INVALID);
	}
	return (OK);
}

/* The gate limits the size of a body, so Kore has all of it in memory. */
enum result
request_read_body(struct request *r)
{
	struct http_request	*k = r->kore;
	size_t			 n = k->http_body_length;
	const char		*bytes;

	if (n == 0)
		return (OK);
	bytes = (const char *)k->http_body->data;
	return (r->ctx.surface == API ? body_json(r, bytes, n) :
	    body_form(r, bytes, n));
}

/* Reads the head into the context. Returns OK, or another result after it
 * replied. */
static enum result
request_read(struct request *r)
{
	struct ctx	*c = &r->ctx;

	c->path = arena_strdup(&c->arena, r->kore->path);
	c->authority = arena_strdup(&c->arena, r->kore->host);
	c->host = host_without_port(&c->arena, c->authority);
	client_read(r);
	c->head = r->kore->method == HTTP_METHOD_HEAD;
	c->surface = strncmp(c->path, "/api/", 5) == 0 ? API : ROOT;
	c->base = "";
	if (!lang_of_tag(ctx_cookie(c, LANGUAGE_COOKIE), &c->lang))
		c->lang = lang_accept(ctx_header(c, "accept-language"));
	if (r->kore->query_string != NULL && params_parse(&c->query,
	    &c->arena, r->kore->query_string,
	    strlen(r->kore->query_string)) != OK) {
		reply_invalid(c, "query", "L’adresse est illisible.");
		return (INVALID);
	}
	return (OK);
}
