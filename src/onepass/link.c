/*
 * Mailed links, to create one's account (/invitations) or to choose another
 * password (/password-resets): requesting, opening and using one. A request
 * writes one row and gets the same response for every address, so it does not
 * show who has an account; `jobs` decides later which mail to send. Opening a
 * link does not use it up. Its secret is never logged: logs have route
 * patterns.
 */
#include <stdlib.h>
#include <string.h>

#include "base/network.h"
#include "base/token.h"
#include "onepass/check.h"
#include "onepass/links.h"
#include "onepass/onepass.h"
#include "onepass/open.h"
#include "server/reply.h"

#define EMAIL_MAX	254

struct link {
	char		 hash[TOKEN_TEXT];	/* SHA-256 of its secret, hex */
	char		*password;		/* chosen; NULL: only opened */
	const char	*name, *email;		/* of its person */
};

static void	link_requested(struct ctx *, struct db_rows *, void *);
static void	link_found(struct ctx *, struct db_rows *, void *);
static void	link_hashed(struct ctx *, const char *, void *);
static void	link_used(struct ctx *, struct db_rows *, void *);

/* Returns the purpose of the link, from the route. */
static const char *
purpose(const struct ctx *c)
{
	return (strncmp(c->route->path, "/invitations", 12) == 0 ?
	    "invitation" : "reset");
}

/* --- requesting a link --------------------------------------------------- */

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
	ask(c, SQL_ONEPASS_MAIL_REQUEST, params, 6, link_requested, NULL);
}

static void
link_requested(struct ctx *c, struct db_rows *rows, void *arg)
{
	static const char	 many[] = "Trop d’essais. Patientez quelques "
				    "minutes avant de réessayer.";
	const char		*wait = db_value(rows, 0, 0);

	(void)arg;
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

/* --- opening and using a link -------------------------------------------- */

/* Replies 404, whether the link was used, has expired or never existed. */
static void
reply_over(struct ctx *c)
{
	reply_problem_way(c, 404, "link-over", "Ce lien a déjà servi, ou son "
	    "temps est passé. Demandez-en un autre : il arrivera par e-mail.",
	    strcmp(purpose(c), "reset") == 0 ? "/password-resets" :
	    "/invitations", "Recevoir un autre lien");
}

/* Replies 410: a newer mail has another link, and only that one is valid. */
static void
reply_outdated(struct ctx *c)
{
	reply_problem(c, 410, "link-outdated", "Un e-mail plus récent contient "
	    "un autre lien, qui remplace celui-ci. Ouvrez le lien du dernier "
	    "e-mail reçu.");
}

static void
reply_choose(struct ctx *c, const struct link *l, int status,
    const char *problem)
{
	reply_page(c, status, "onepass/choose", present_choose, json_pack(
	    "{s:s, s:s*, s:s, s:s}", "purpose", purpose(c), "problem",
	    problem, "name", l->name, "email", l->email));
}

/* Looks up the person of the link; replies 404 when there is none. */
static void
link_look_up(struct ctx *c, struct link *l)
{
	const char	*params[2] = { l->hash, purpose(c) };

	if (!token_valid(c->id)) {
		reply_over(c);
		return;
	}
	token_hash(c->id, l->hash);
	ask(c, SQL_ONEPASS_LINK_FIND, params, 2, link_found, l);
}

void
link_page(struct ctx *c)
{
	link_look_up(c, arena_alloc(&c->arena, sizeof(struct link)));
}

void
link_use(struct ctx *c)
{
	struct link	*l = arena_alloc(&c->arena, sizeof(*l));
	const char	*password = ctx_field(c, "password");

	l->password = arena_strdup(&c->arena, password == NULL ? "" :
	    password);
	link_look_up(c, l);
}

static void
link_found(struct ctx *c, struct db_rows *rows, void *arg)
{
	struct link	*l = arg;
	const char	*problem;

	if (db_count(rows) == 0) {
		reply_over(c);
		return;
	}
	if (strcmp(db_text(rows, 0, "outdated"), "t") == 0) {
		reply_outdated(c);
		return;
	}
	l->name = arena_strdup(&c->arena, db_text(rows, 0, "name"));
	l->email = arena_strdup(&c->arena, db_text(rows, 0, "email"));
	if (l->password == NULL)
		reply_choose(c, l, 200, NULL);
	else if ((problem = password_problem(l->password)) == NULL)
		check_hash(c, &c->scope.key, l->password, link_hashed, l);
	else if (c->surface == API)
		reply_invalid(c, "password", problem);
	else
		reply_choose(c, l, 400, problem);
}

static void
link_hashed(struct ctx *c, const char *hash, void *arg)
{
	const struct link	*l = arg;
	const char		*params[3] = { l->hash, purpose(c), hash };

	ask(c, SQL_ONEPASS_LINK_USE, params, 3, link_used, NULL);
}

/*
 * Opens a session: the person has read the mail and chosen the password, so a
 * sign-in would prove nothing more.
 */
static void
link_used(struct ctx *c, struct db_rows *rows, void *arg)
{
	const char	*person, *tenant;

	(void)arg;
	if (db_count(rows) == 0) {
		reply_over(c);
		return;
	}
	person = arena_strdup(&c->arena, db_text(rows, 0, "person_id"));
	tenant = db_text(rows, 0, "tenant_id");
	session_open(c, person, tenant == NULL ? NULL :
	    arena_strdup(&c->arena, tenant), NULL, NULL, NULL);
}
