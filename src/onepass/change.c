/*
 * Changes one's own password: checks the current one, ends all other sessions,
 * and continues this session under a new token.
 */
#include <string.h>

#include "base/token.h"
#include "onepass/check.h"
#include "onepass/onepass.h"
#include "server/reply.h"
#include "server/session.h"

struct change {
	char	*password;		/* the new one */
	char	 token[TOKEN_TEXT];	/* the session's new token */
};

static void	change_allowed(struct ctx *, const char *, void *);
static void	change_hashed(struct ctx *, const char *, void *);
static void	change_done(struct ctx *, struct db_rows *, void *);

static void
reply_form(struct ctx *c, int status, const char *field, const char *problem)
{
	reply_page(c, status, "onepass/password", present_password, json_pack(
	    "{s:s*, s:s*, s:b}", "field", field, "problem", problem, "done",
	    params_get(&c->query, "done") != NULL));
}

void
password_page(struct ctx *c)
{
	reply_form(c, 200, NULL, NULL);
}

static void
change_refuse(struct ctx *c, const char *field, const char *problem)
{
	if (c->surface == API)
		reply_invalid(c, field, problem);
	else
		reply_form(c, 400, field, problem);
}

void
password_put(struct ctx *c)
{
	struct change	*change = arena_alloc(&c->arena, sizeof(*change));
	const char	*password = ctx_field(c, "password");
	const char	*problem = password_problem(password == NULL ? "" :
			    password);

	if (problem != NULL) {
		change_refuse(c, "password", problem);
		return;
	}
	change->password = arena_strdup(&c->arena, password);
	password_again(c, ctx_field(c, "current"), change_allowed, change);
}

static void
change_allowed(struct ctx *c, const char *problem, void *arg)
{
	struct change	*change = arg;

	if (problem != NULL)
		change_refuse(c, "current", problem);
	else
		check_hash(c, &c->scope.key, change->password, change_hashed,
		    change);
}

static void
change_hashed(struct ctx *c, const char *hash, void *arg)
{
	struct change	*change = arg;
	char		 token[TOKEN_TEXT];
	const char	*params[2] = { hash, token };

	token_new(change->token);
	token_hash(change->token, token);
	ask(c, SQL_ONEPASS_PASSWORD_CHANGE, params, 2, change_done, change);
}

static void
change_done(struct ctx *c, struct db_rows *rows, void *arg)
{
	struct change	*change = arg;
	char		 csrf[TOKEN_TEXT];

	(void)rows;
	reply_cookie(c, SESSION_COOKIE, change->token, 0);
	token_derive(change->token, "csrf", csrf);
	if (c->surface == API)
		reply_value(c, 200, json_pack("{s:s}", "csrf", csrf));
	else
		reply_redirect(c, arena_printf(&c->arena,
		    "%s/password?done=1", c->base));
}
