/*
 * Links that come by mail, to create one's account (invitations) or to choose
 * another password (password-resets): asked for, looked at, used. Whoever
 * asks, for whatever address, is answered the same after the same work: one
 * row is written, and `jobs` finds out what comes of it. A link that is looked
 * at is not used up; its secret is never logged (the log has route patterns).
 */
#include <stdlib.h>
#include <string.h>

#include "base/token.h"
#include "onepass/check.h"
#include "onepass/links.h"
#include "onepass/network.h"
#include "onepass/onepass.h"
#include "onepass/open.h"
#include "server/reply.h"

#define EMAIL_MAX	254

struct link {
	char		 hash[TOKEN_TEXT];	/* of its secret */
	char		*password;
	const char	*name, *email;		/* whose it is */
};

static void	wished(struct ctx *, enum result, struct db_rows *);
static void	found(struct ctx *, enum result, struct db_rows *);
static void	hashed(struct ctx *, const char *);
static void	used(struct ctx *, enum result, struct db_rows *);

/* Which of the two: the route says it. */
static const char *
purpose(const struct ctx *c)
{
	return (strncmp(c->route->path, "/invitations", 12) == 0 ?
	    "invitation" : "reset");
}

/* --- asking -------------------------------------------------------------- */

static void
reply_ask(struct ctx *c, int status, const char *problem)
{
	reply_page(c, status, "onepass/ask", present_ask, json_pack(
	    "{s:s, s:s*, s:s*, s:b}", "purpose", purpose(c),
	    "problem", problem, "email", ctx_field(c, "email"),
	    "sent", params_get(&c->query, "sent") != NULL));
}

void
link_ask_page(struct ctx *c)
{
	reply_ask(c, 200, NULL);
}

static void
refuse_email(struct ctx *c)
{
	const char	*problem = "Saisissez votre adresse e-mail.";

	if (c->surface == API)
		reply_invalid(c, "email", problem);
	else
		reply_ask(c, 400, problem);
}

void
link_ask(struct ctx *c)
{
	const char	*email = ctx_field(c, "email");
	const char	*params[6];

	if (email == NULL || strlen(email) > EMAIL_MAX ||
	    strchr(email, '@') == NULL) {
		refuse_email(c);
		return;
	}
	params[0] = purpose(c);
	params[1] = email;
	params[2] = c->host;
	params[3] = network_of(&c->arena, c->address);
	params[4] = c->address;
	params[5] = lang_tag(c->lang);
	ask(c, SQL_ONEPASS_WISH, params, 6, wished);
}

static void
wished(struct ctx *c, enum result result, struct db_rows *rows)
{
	static const char	 many[] = "Trop d’essais. Patientez quelques "
				    "minutes avant de réessayer.";
	const char		*wait = db_value(rows, 0, 0);

	(void)result;
	if (strcmp(wait, "0") != 0) {
		reply_header(c, "retry-after", wait);
		if (c->surface == API)
			reply_problem(c, 429, "try-later", many);
		else
			reply_ask(c, 429, many);
	} else if (c->surface == API)
		reply_value(c, 202, json_object());
	else
		reply_redirect(c, arena_printf(&c->arena, "%s%s?sent=1",
		    c->base, c->route->path));
}

/* --- the link ------------------------------------------------------------ */

/* Used, over, or never there: one answer. */
static void
reply_over(struct ctx *c)
{
	reply_problem_way(c, 404, "link-over", "Ce lien a déjà servi, ou son "
	    "temps est passé. Demandez-en un autre : il arrivera par e-mail.",
	    strcmp(purpose(c), "reset") == 0 ? "/password-resets" :
	    "/invitations", "Recevoir un autre lien");
}

static void
reply_choose(struct ctx *c, int status, const char *problem)
{
	const struct link	*l = c->feature;

	reply_page(c, status, "onepass/choose", present_choose, json_pack(
	    "{s:s, s:s*, s:s, s:s}", "purpose", purpose(c), "problem",
	    problem, "name", l->name, "email", l->email));
}

/* Looks whose link it is; replies that it is over. */
static void
find(struct ctx *c, struct link *l)
{
	const char	*params[2] = { l->hash, purpose(c) };

	c->feature = l;
	if (!token_valid(c->id)) {
		reply_over(c);
		return;
	}
	token_hash(c->id, l->hash);
	ask(c, SQL_ONEPASS_LINK_FIND, params, 2, found);
}

void
link_page(struct ctx *c)
{
	find(c, arena_alloc(&c->arena, sizeof(struct link)));
}

void
link_use(struct ctx *c)
{
	struct link	*l = arena_alloc(&c->arena, sizeof(*l));
	const char	*password = ctx_field(c, "password");

	l->password = arena_strdup(&c->arena, password == NULL ? "" :
	    password);
	find(c, l);
}

static void
found(struct ctx *c, enum result result, struct db_rows *rows)
{
	struct link	*l = c->feature;
	const char	*problem;

	(void)result;
	if (db_count(rows) == 0) {
		reply_over(c);
		return;
	}
	l->name = arena_strdup(&c->arena, db_value(rows, 0, 0));
	l->email = arena_strdup(&c->arena, db_value(rows, 0, 1));
	if (l->password == NULL)
		reply_choose(c, 200, NULL);
	else if ((problem = password_problem(l->password)) == NULL)
		check_hash(c, false, l->password, hashed);
	else if (c->surface == API)
		reply_invalid(c, "password", problem);
	else
		reply_choose(c, 400, problem);
}

static void
hashed(struct ctx *c, const char *hash)
{
	const struct link	*l = c->feature;
	const char		*params[3] = { l->hash, purpose(c), hash };

	ask(c, SQL_ONEPASS_LINK_USE, params, 3, used);
}

/* Whoever has the mail and has chosen the password is who they are: asking for
 * both again would prove nothing more. */
static void
used(struct ctx *c, enum result result, struct db_rows *rows)
{
	const char	*person = db_value(rows, 0, 0);

	(void)result;
	if (person == NULL)
		reply_over(c);
	else
		session_open(c, arena_strdup(&c->arena, person), NULL, NULL);
}
