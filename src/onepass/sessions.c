/* One's own sessions: where one is signed in, and no more. */
#include "base/text.h"
#include "onepass/onepass.h"
#include "server/reply.h"

static void	ended(struct ctx *, enum result, struct db_rows *);

void
sessions_list(struct ctx *c)
{
	ask(c, SQL_ONEPASS_SESSIONS, NULL, 0, reply_model);
}

/* One of them, or without a name all others. */
void
sessions_end(struct ctx *c)
{
	const char	*params[1] = { c->id };

	if (c->id != NULL && !uuid_valid(c->id))
		reply_result(c, NOT_FOUND);
	else
		ask(c, SQL_ONEPASS_SESSIONS_END, params, 1, ended);
}

static void
ended(struct ctx *c, enum result result, struct db_rows *rows)
{
	(void)result;
	if (c->id != NULL && *db_value(rows, 0, 0) == '0')
		reply_result(c, NOT_FOUND);
	else if (c->surface == API)
		reply_empty(c);
	else
		reply_redirect(c, arena_printf(&c->arena, "%s/sessions?ended=1",
		    c->base));
}
