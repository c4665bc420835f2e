/*
 * Invitations that an administrator sends: POST /accounts/{id}/invitation to
 * one account's person, POST /accounts/invitations to many, GET
 * /accounts/invitations says where they are. The limits are in
 * functions/invitations.sql.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "people/people.h"
#include "server/model.h"
#include "server/reply.h"

#define IDS_MAX	1000

static const struct {
	const char	*why;
	int		 status;
	const char	*type;
	const char	*sentence;
} refusals[] = {
	{ "no-email", 409, "no-email",
	    "Ce compte n’a pas d’adresse e-mail à qui écrire." },
	{ "disabled", 409, "disabled",
	    "Cette personne n’a plus accès au service." },
	{ "exists", 409, "exists",
	    "Cette personne a déjà un compte OnePass." },
	{ "many", 429, "try-later", "Cinq invitations sont déjà parties vers "
	    "cette adresse en 24 heures. La dernière reste valable trois "
	    "jours : elle est peut-être parmi les indésirables. Rien n’est "
	    "perdu : réessayez plus tard." },
	{ "many-today", 429, "try-later", "1 000 invitations sont déjà parties "
	    "en 24 heures. Rien n’est perdu : envoyez les suivantes plus "
	    "tard." },
};

/* Replies with the reason of {"why", "wait"}. */
static void
invitation_refused(struct ctx *c, const json_t *said)
{
	json_int_t	wait = json_integer_value(json_object_get(said,
			    "wait"));
	size_t		i;

	for (i = 0; strcmp(refusals[i].why, get(said, "why")) != 0; i++)
		if (i + 1 == sizeof(refusals) / sizeof(refusals[0]))
			break;
	if (wait > 0)
		reply_header(c, "retry-after", arena_printf(&c->arena, "%lld",
		    (long long)wait));
	reply_problem_way(c, refusals[i].status, refusals[i].type,
	    refusals[i].sentence, "/accounts/invitations",
	    "Voir les invitations");
}

static void
invitation_sent(struct ctx *c, struct db_rows *rows, void *arg)
{
	json_t		*said = model_of(rows);
	const char	*outcome = get(said, "outcome");

	(void)arg;
	if (strcmp(outcome, "missing") == 0)
		reply_result(c, NOT_FOUND);
	else if (strcmp(outcome, "refused") == 0)
		invitation_refused(c, said);
	else if (c->surface == API)
		reply_value(c, 202, json_object());
	else
		reply_redirect(c, arena_printf(&c->arena,
		    "%s/accounts/%s?invited=1", c->base, c->id));
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

/* --- many at once --------------------------------------------------------- */

void
invitations_get(struct ctx *c)
{
	ask(c, SQL_PEOPLE_INVITATIONS, NULL, 0, reply_model, NULL);
}

static void
invitations_sent(struct ctx *c, struct db_rows *rows, void *arg)
{
	json_t	*said = model_of(rows);

	(void)arg;
	if (strcmp(get(said, "outcome"), "refused") == 0)
		invitation_refused(c, said);
	else if (c->surface == API) {
		json_object_del(said, "outcome");
		reply_value(c, 202, json_incref(said));
	} else
		reply_redirect(c, arena_printf(&c->arena,
		    "%s/accounts/invitations?done=1", c->base));
	json_decref(said);
}

/* Returns whether the value is "all" or a list of ids of accounts. */
static bool
wanted_valid(const json_t *ids)
{
	const char	*word = json_string_value(ids), *id;
	size_t		 i, n = json_array_size(ids);

	for (i = 0; i < n; i++) {
		id = json_string_value(json_array_get(ids, i));
		if (id == NULL || !uuid_valid(id))
			return (false);
	}
	return ((word != NULL && strcmp(word, "all") == 0) ||
	    (n >= 1 && n <= IDS_MAX));
}

/* A page has one button, which invites all who have no invitation yet. */
void
invitations_send(struct ctx *c)
{
	json_t		*ids = c->surface == API ?
			    json_object_get(c->body, "ids") : NULL;
	char		*text = NULL;
	const char	*params[1] = { NULL };

	if (c->surface == API && !wanted_valid(ids)) {
		reply_invalid(c, "ids", "De 1 à 1 000 identifiants de compte "
		    "sont attendus.");
		return;
	}
	if (json_is_array(ids)) {
		text = json_dumps(ids, JSON_COMPACT);
		params[0] = arena_strdup(&c->arena, text);
		free(text);
	}
	ask(c, SQL_PEOPLE_INVITE_MANY, params, 1, invitations_sent, NULL);
}
