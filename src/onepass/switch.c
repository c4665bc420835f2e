/*
 * Moves the session of a person with accounts at several customers to another
 * of these customers, under a new token.
 */
#include "base/text.h"
#include "base/token.h"
#include "onepass/onepass.h"
#include "onepass/open.h"
#include "server/model.h"
#include "server/reply.h"

static void	switched(struct ctx *, struct db_rows *, void *);

void
session_switch(struct ctx *c)
{
	const char	*tenant = ctx_field(c, "tenant");
	char		*token = arena_alloc(&c->arena, TOKEN_TEXT);
	char		 hash[TOKEN_TEXT];
	const char	*params[3] = { tenant, hash, c->address };

	if (tenant == NULL || !uuid_valid(tenant)) {
		reply_invalid(c, "tenant", "Choisissez un de vos clients.");
		return;
	}
	token_new(token);
	token_hash(token, hash);
	ask(c, SQL_ONEPASS_SESSION_SWITCH, params, 3, switched, token);
}

static void
switched(struct ctx *c, struct db_rows *rows, void *arg)
{
	json_t	*model = model_of(rows);

	if (model == NULL)
		reply_result(c, NOT_FOUND);
	else
		session_opened(c, arg, model);
}
