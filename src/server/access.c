/* Access checks before a handler; see access.h. */
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "server/access.h"
#include "server/reply.h"

/* The reply does not wait for this query. */
void
access_refused(struct ctx *c)
{
	static const char *const	 names[] = { [GET] = "GET",
	    [POST] = "POST", [PUT] = "PUT", [PATCH] = "PATCH",
	    [DELETE] = "DELETE" };
	const char			*params[1];

	if (c->person == NULL)
		return;
	params[0] = arena_printf(&c->arena, "{\"method\":\"%s\",\"route\":"
	    "\"%s%s\"}", names[c->route->method], c->base, c->route->path);
	(void)db_send(SQL_SERVER_REFUSED, &c->scope, params, 1, NULL, NULL);
}

static bool
access_deny(struct ctx *c)
{
	access_refused(c);
	reply_result(c, DENIED);
	return (false);
}

/* On the host of the board, routes of the console are hidden, also in the
 * API. */
static bool
route_is_here(const struct ctx *c)
{
	switch (c->route->right) {
	case RIGHT_STATIC:
	case RIGHT_PUBLIC:
	case RIGHT_PERSON:
	case RIGHT_LISTEN:
		return (true);
	default:
		return (c->place.purpose != PLACE_BOARD);
	}
}

/* Sets the scope from the parameter "scope" of the API, "own" or "team". */
static bool
scope_of_api(struct ctx *c)
{
	const char	*scope = params_get(&c->query, "scope");
	bool		 supervisor = c->person->supervisor &&
			    c->place.purpose != PLACE_BOARD;
	bool		 team = supervisor;

	if (scope != NULL && strcmp(scope, "own") == 0)
		team = false;
	else if (scope != NULL && strcmp(scope, "team") == 0)
		team = true;
	else if (scope != NULL && *scope != '\0') {
		reply_invalid(c, "scope", "La portée est own ou team.");
		return (false);
	}
	if (team && !supervisor)
		return (access_deny(c));
	c->scope.team = team ? c->person->sites : "";
	return (true);
}

static bool
scope_to_listen(struct ctx *c)
{
	if (c->surface == API)
		return (scope_of_api(c));
	if (c->surface == BOARD)
		return (true);
	if (!c->person->supervisor)
		return (access_deny(c));
	c->scope.team = c->person->sites;
	return (true);
}

/* Supervisors only. */
static bool
scope_of_team(struct ctx *c)
{
	if (!c->person->supervisor)
		return (access_deny(c));
	c->scope.team = c->person->sites;
	return (true);
}

bool
person_supervises_all(const struct person *p)
{
	return (p->supervisor && strcmp(p->sites, "all") == 0);
}

/* Supervisors of the whole tenant only. */
static bool
scope_of_whole(struct ctx *c)
{
	return (person_supervises_all(c->person) ? scope_of_team(c) :
	    access_deny(c));
}

bool
access_check(struct ctx *c)
{
	const struct person	*p = c->person;

	if (p == NULL)
		return (true);	/* PUBLIC: the router checked this */
	c->scope.tenant = p->tenant_id;
	c->scope.account = p->account_id;
	c->scope.person = p->id;
	c->scope.session = p->session_id;
	c->scope.team = "";
	if (!route_is_here(c)) {
		reply_result(c, NOT_FOUND);
		return (false);
	}
	switch (c->route->right) {
	case RIGHT_LISTEN:
		return (scope_to_listen(c));
	case RIGHT_DELETE_MANY:
	case RIGHT_EXPORT:
		return (scope_of_team(c));
	case RIGHT_ERASE:
		return (scope_of_whole(c));
	case RIGHT_ERASURES:
	case RIGHT_OVERSEE:
		return (p->administrator || person_supervises_all(p) ||
		    access_deny(c));
	case RIGHT_AUDIT:
	case RIGHT_ACCOUNTS:
	case RIGHT_TELEPHONY:
		return (p->supervisor || p->administrator || access_deny(c));
	case RIGHT_ADMINISTER:
		return (p->administrator || access_deny(c));
	case RIGHT_STATIC:
	case RIGHT_PUBLIC:
	case RIGHT_PERSON:
		break;
	}
	return (true);
}

static bool
origin_is_ours(struct ctx *c)
{
	const char	*site = ctx_header(c, "sec-fetch-site");
	const char	*origin = ctx_header(c, "origin");

	if (site != NULL && strcmp(site, "same-origin") != 0 &&
	    strcmp(site, "none") != 0)
		return (false);
	return (origin == NULL || (strncmp(origin, "https://", 8) == 0 &&
	    strcasecmp(origin + 8, c->authority) == 0));
}

/* Returns whether Origin has the host of the request and a port, and Host has
 * no port: a proxy in front has dropped it (nginx does with $host). */
static bool
port_is_lost(struct ctx *c)
{
	const char	*origin = ctx_header(c, "origin");
	size_t		 n = strlen(c->host);

	return (origin != NULL && strcmp(c->host, c->authority) == 0 &&
	    strncmp(origin, "https://", 8) == 0 &&
	    strncasecmp(origin + 8, c->host, n) == 0 && origin[8 + n] == ':');
}

static bool
token_is_ours(struct ctx *c)
{
	const char	*token = ctx_header(c, "x-csrf-token");

	if (token == NULL)
		token = params_get(&c->form, "csrf");
	return (token != NULL && text_same_secret(token, c->person->csrf));
}

bool
access_origin(struct ctx *c)
{
	if (c->route->method == GET)
		return (true);
	/* Without a session, and for public routes, there is no token. */
	if (origin_is_ours(c) && (c->route->right == RIGHT_PUBLIC ||
	    c->person == NULL || token_is_ours(c)))
		return (true);
	access_refused(c);
	if (port_is_lost(c)) {
		log_warn("event=host_without_port");
		reply_problem(c, 403, "host-without-port", "Le serveur "
		    "mandataire placé devant ce service perd le port de "
		    "l’adresse : il doit transmettre l’en-tête Host avec son "
		    "port. Signalez-le à l’exploitant du service.");
		return (false);
	}
	reply_problem(c, 403, "cross-site", "Cette demande ne vient pas "
	    "d’une page de ce service. Rechargez la page et recommencez.");
	return (false);
}
