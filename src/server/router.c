/*
 * From the head of a request to its handler: matches the route, finds the
 * person, checks the right, the origin and the CSRF token. Handlers run only
 * after all checks.
 */
#include <sys/types.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "base/buf.h"
#include "server/access.h"
#include "server/request.h"
#include "server/route_match.h"
#include "server/session.h"

static const struct {
	int		 kore;
	unsigned	 method;
} methods[] = {
	{ HTTP_METHOD_GET, GET }, { HTTP_METHOD_HEAD, GET },
	{ HTTP_METHOD_POST, POST }, { HTTP_METHOD_PUT, PUT },
	{ HTTP_METHOD_PATCH, PATCH }, { HTTP_METHOD_DELETE, DELETE },
};

static unsigned
method_of(const struct request *r)
{
	size_t	i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (methods[i].kore == r->kore->method)
			return (methods[i].method);
	return (0);	/* OPTIONS */
}

static const char *
allow_text(struct arena *a, unsigned allowed)
{
	return (arena_printf(a, "OPTIONS%s%s%s%s%s",
	    allowed & GET ? ", GET, HEAD" : "", allowed & POST ? ", POST" : "",
	    allowed & PUT ? ", PUT" : "", allowed & PATCH ? ", PATCH" : "",
	    allowed & DELETE ? ", DELETE" : ""));
}

/* The query string of the request; "" when it has none. */
static const char *
query_text(const struct request *r)
{
	const char	*q = r->kore->query_string;

	return (q == NULL ? "" : q);
}

static void
reply_without_slash(struct request *r)
{
	struct ctx	*c = &r->ctx;
	size_t		 n = strlen(c->path);

	reply_header(c, "location", arena_printf(&c->arena, "%.*s%s%s",
	    (int)(n - 1), c->path, *query_text(r) != '\0' ? "?" : "",
	    query_text(r)));
	reply_bytes(c, 308, "text/plain; charset=utf-8", "", 0);
}

/* Replies to a request without a session: 401 in the API; on pages, redirects
 * to the sign-in page, which returns to this URL. */
static void
reply_sign_in(struct request *r)
{
	struct ctx	*c = &r->ctx;
	struct buf	 to = { NULL, 0, 0 };
	const char	*text;

	if (c->surface == API) {
		reply_problem(c, 401, "unauthenticated",
		    "Connectez-vous pour continuer.");
		return;
	}
	if (r->kore->method == HTTP_METHOD_GET && c->path[strlen(c->base)]) {
		text = arena_printf(&c->arena, "%s%s%s", c->path,
		    *query_text(r) != '\0' ? "?" : "", query_text(r));
		buf_puts(&to, "?to=");
		params_encode_value(&to, text);
	}
	reply_redirect(c, arena_printf(&c->arena, "%s/sign-in%s", c->base,
	    to.len > 0 ? to.data : ""));
	buf_dispose(&to);
}

/* Redirects to this page on the host of the surface. */
static void
reply_moved(struct request *r, enum surface surface)
{
	struct ctx	*c = &r->ctx;

	if (r->kore->method != HTTP_METHOD_GET &&
	    r->kore->method != HTTP_METHOD_HEAD) {
		reply_result(c, NOT_FOUND);
		return;
	}
	reply_header(c, "location", arena_printf(&c->arena, "%s%s%s%s",
	    ctx_origin(c, surface), c->path, *query_text(r) != '\0' ? "?" :
	    "", query_text(r)));
	reply_bytes(c, 308, "text/plain; charset=utf-8", "", 0);
}

/* Returns whether the host has the surface. Returns false after it replied. */
static bool
surface_here(struct request *r)
{
	struct ctx	*c = &r->ctx;

	if (c->place.purpose == PLACE_MOVED && c->surface != API)
		reply_moved(r, BOARD);
	else if (c->place.purpose == PLACE_MOVED ||
	    (c->place.purpose == PLACE_BOARD && c->surface == CONSOLE))
		reply_result(c, NOT_FOUND);
	else if (c->place.purpose == PLACE_CONSOLE && c->surface == BOARD)
		reply_moved(r, BOARD);
	else
		return (true);
	return (false);
}

/* The gate asks for the body of a request that may be made: only a person may
 * have it read. */
static void
router_check(struct request *r)
{
	if (r->ctx.person == NULL)
		reply_result(&r->ctx, BUSY);
	else
		request_checked(r);
}

static void
router_admitted(struct ctx *c)
{
	struct request	*r = c->request;

	if (!surface_here(r))
		return;
	if (c->person == NULL && c->route->right != RIGHT_PUBLIC) {
		reply_sign_in(r);
		return;
	}
	if (!access_check(c))
		return;
	/* The CSRF token may be in the body. */
	if (request_checks(r))
		router_check(r);
	else if (access_origin(c))
		c->route->handler(c);
}

static void
reply_unmatched(struct request *r, const struct route_match *m)
{
	struct ctx	*c = &r->ctx;

	if (m->outcome == ROUTE_SLASH) {
		reply_without_slash(r);
		return;
	}
	if (m->outcome == ROUTE_NONE) {
		reply_result(c, NOT_FOUND);
		return;
	}
	reply_header(c, "allow", allow_text(&c->arena, m->methods));
	if (r->kore->method == HTTP_METHOD_OPTIONS)
		reply_empty(c);
	else
		reply_problem(c, 405, "method-not-allowed",
		    "Cette adresse n’accepte pas cette opération.");
}

void
router_start(struct request *r)
{
	struct ctx		*c = &r->ctx;
	struct route_match	 m;

	route_match(&m, routes, method_of(r), c->path, strlen(c->path));
	c->surface = m.surface;
	c->base = m.base;
	if (m.outcome != ROUTE_FOUND) {
		reply_unmatched(r, &m);
		return;
	}
	c->route = m.route;
	if (m.captures[0].s != NULL)
		c->id = arena_strndup(&c->arena, m.captures[0].s,
		    m.captures[0].n);
	if (m.captures[1].s != NULL)
		c->rest = arena_strndup(&c->arena, m.captures[1].s,
		    m.captures[1].n);
	if (request_read_body(r) != OK)
		return;
	if (m.route->right == RIGHT_STATIC)
		m.route->handler(c);
	else
		session_find(c, router_admitted);
}
