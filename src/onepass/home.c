/* Redirects to a person's home; the session's own data, sign-out, language. */
#include <stdlib.h>
#include <string.h>

#include "base/token.h"
#include "onepass/home.h"
#include "onepass/home_path.h"
#include "onepass/onepass.h"
#include "server/reply.h"
#include "server/session.h"

#define LANGUAGE_SECONDS	(365 * 24 * 3600)

/* Redirects to `to`, or home when the person may not open `to`. */
static void
go_home(struct ctx *c, bool console, const char *to)
{
	console = console && c->place.purpose != PLACE_BOARD;
	if (home_path_valid(to) && (console || path_below(to, "/board")))
		reply_redirect(c, to);
	else if (c->surface == BOARD || !console)
		reply_redirect(c, arena_printf(&c->arena,
		    "%s/board/recordings", ctx_origin(c, BOARD)));
	else
		reply_redirect(c, "/console/accounts");
}

void
home_redirect(struct ctx *c, const char *to)
{
	go_home(c, c->person->supervisor || c->person->administrator, to);
}

void
home_redirect_signed_in(struct ctx *c, json_t *opened, const char *to)
{
	const char	*home = json_string_value(json_object_get(opened,
			    "home"));

	go_home(c, strcmp(home, "console") == 0, to);
}

void
home_root(struct ctx *c)
{
	if (c->person != NULL)
		home_redirect(c, NULL);
	else
		reply_redirect(c, c->place.purpose == PLACE_BOARD ?
		    "/board/sign-in" : "/console/sign-in");
}

void
home_console(struct ctx *c)
{
	reply_redirect(c, "/console/accounts");
}

void
home_board(struct ctx *c)
{
	reply_redirect(c, "/board/recordings");
}

void
session_get(struct ctx *c)
{
	const struct person	*p = c->person;
	json_t			*profiles = json_pack("[s]", "user");

	if (p->supervisor)
		json_array_append_new(profiles, json_string("supervisor"));
	if (p->administrator)
		json_array_append_new(profiles, json_string("administrator"));
	reply_value(c, 200, json_pack(
	    "{s:{s:s, s:s, s:s, s:s}, s:{s:s, s:s}, s:o, s:o, s:s}",
	    "person", "id", p->public_id, "name", p->name,
	    "email", p->email, "language", lang_tag(c->lang),
	    "tenant", "id", p->tenant_public_id, "name", p->tenant_name,
	    "other_tenants", json_loads(*p->others == '\0' ? "[]" :
	    p->others, 0, NULL),
	    "profiles", profiles, "csrf", p->csrf));
}

static void
signed_out(struct ctx *c, struct db_rows *rows, void *arg)
{
	(void)arg;
	(void)rows;
	reply_cookie(c, SESSION_COOKIE, "", -1);
	/* On a shared computer, Back must not show the pages seen before. */
	reply_header(c, "clear-site-data", "\"cache\"");
	if (c->surface == API)
		reply_empty(c);
	else
		reply_redirect(c, arena_printf(&c->arena, "%s/sign-in?bye=1",
		    c->base));
}

void
session_delete(struct ctx *c)
{
	char		 hash[TOKEN_TEXT];
	const char	*params[1] = { hash };

	token_hash(ctx_cookie(c, SESSION_COOKIE), hash);
	ask(c, SQL_ONEPASS_SESSION_DELETE, params, 1, signed_out, NULL);
}

static void
language_chosen(struct ctx *c, struct db_rows *rows, void *arg)
{
	const char	*to = ctx_field(c, "to");

	(void)arg;
	(void)rows;
	reply_cookie(c, LANGUAGE_COOKIE, ctx_field(c, "lang"),
	    LANGUAGE_SECONDS);
	if (home_path_valid(to))
		reply_redirect(c, to);
	else if (c->person != NULL)
		home_redirect(c, NULL);
	else
		reply_redirect(c, arena_printf(&c->arena, "%s/sign-in",
		    c->base));
}

void
language_set(struct ctx *c)
{
	const char	*params[1] = { ctx_field(c, "lang") };

	if (params[0] == NULL ||
	    (strcmp(params[0], "fr") != 0 && strcmp(params[0], "en") != 0))
		reply_invalid(c, "lang", "La langue est fr ou en.");
	else if (c->person == NULL)
		language_chosen(c, OK, NULL);
	else
		ask(c, SQL_ONEPASS_LANGUAGE_SET, params, 1, language_chosen,
		    NULL);
}
