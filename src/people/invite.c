/*
 * POST /accounts/{id}/invitation: mails an invitation to an account's person.
 */
#include <string.h>

#include "base/text.h"
#include "people/people.h"
#include "server/reply.h"

static const struct {
	const char	*why;
	const char	*sentence;
} refusals[] = {
	{ "no-email", "Ce compte n’a pas d’adresse e-mail à qui écrire." },
	{ "disabled", "Cette personne n’a plus accès au service." },
	{ "exists", "Cette personne a déjà un compte OnePass." },
};

static void
invitation_sent(struct ctx *c, struct db_rows *rows, void *arg)
{
	json_t		*said = json_loads(db_value(rows, 0, 0), 0, NULL);
	const char	*why = json_string_value(json_object_get(said, "why"));
	const char	*outcome = json_string_value(json_object_get(said,
			    "outcome"));
	size_t		 i;

	(void)arg;
	if (strcmp(outcome, "missing") == 0)
		reply_result(c, NOT_FOUND);
	else if (strcmp(outcome, "changed") == 0 && c->surface == API)
		reply_value(c, 202, json_object());
	else if (strcmp(outcome, "changed") == 0)
		reply_redirect(c, arena_printf(&c->arena,
		    "%s/accounts/%s?invited=1", c->base, c->id));
	for (i = 0; why != NULL && i < sizeof(refusals) / sizeof(refusals[0]);
	    i++)
		if (strcmp(refusals[i].why, why) == 0)
			reply_problem(c, 409, why, refusals[i].sentence);
	json_decref(said);
}

void
account_invitation(struct ctx *c)
{
	const char	*params[1] = { c->id };

	if (!uuid_valid(c->id))
		reply_result(c, NOT_FOUND);
	else
		ask(c, SQL_PEOPLE_INVITE, params, 1, invitation_sent, NULL);
}
