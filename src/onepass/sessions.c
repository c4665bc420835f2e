/* Lists and ends the sessions of the signed-in person. */
#include "base/text.h"
#include "onepass/onepass.h"
#include "server/reply.h"

static void	sessions_ended(struct ctx *, struct db_rows *, void *);

void
sessions_list(struct ctx *c)
{
	ask(c, SQL_ONEPASS_SESSIONS, NULL, 0, reply_model, NULL);
}

/* Ends the session of the path's id or, without one, all other sessions. */
void
sessions_end(struct ctx *c)
{
	const char	*params[1] = { c->id };

	if (c->id != NULL && !uuid_valid(c->id))
		reply_result(c, NOT_FOUND);
	else
		ask(c, SQL_ONEPASS_SESSIONS_END, params, 1, sessions_ended,
		    NULL);
}

static void
sessions_ended(struct ctx *c, struct db_rows *rows, void *arg)
{
	(void)arg;
	if (c->id != NULL && *db_value(rows, 0, 0) == '0')
		reply_result(c, NOT_FOUND);
	else if (c->surface == API)
		reply_empty(c);
	else
		reply_redirect(c, arena_printf(&c->arena, "%s/sessions?ended=1",
		    c->base));
}
