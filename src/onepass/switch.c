/*
 * One person, several customers: their session goes on at another of them,
 * under a new token.
 */
#include "base/text.h"
#include "base/token.h"
#include "onepass/onepass.h"
#include "onepass/open.h"
#include "server/model.h"
#include "server/reply.h"

static void	switched(struct ctx *, enum result, struct db_rows *);

void
session_switch(struct ctx *c)
{
	const char	*tenant = ctx_number(c, "tenant");
	char		*token = arena_alloc(&c->arena, TOKEN_TEXT);
	char		 hash[TOKEN_TEXT];
	const char	*params[3] = { tenant, hash, c->address };
	int64_t		 id;

	if (tenant == NULL || !text_int64(tenant, 1, INT32_MAX, &id)) {
		reply_invalid(c, "tenant", "Choisissez un de vos clients.");
		return;
	}
	token_new(token);
	token_hash(token, hash);
	c->feature = token;
	ask(c, SQL_ONEPASS_SESSION_SWITCH, params, 3, switched);
}

static void
switched(struct ctx *c, enum result result, struct db_rows *rows)
{
	json_t	*model = model_of(rows);

	(void)result;
	if (model == NULL)
		reply_result(c, NOT_FOUND);
	else
		session_opened(c, c->feature, model);
}
