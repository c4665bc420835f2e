/*
 * The recording policy for a telephone system: how the calls of a number are
 * recorded, and what an event in a call does. The transitions are in
 * functions/policy.sql. The caller keeps the state of a call between events.
 */
#include <string.h>

#include "server/reply.h"
#include "telephony/telephony.h"

#define NUMBER_MAX	254		/* bytes; a SIP address */

/* Returns false after a reply of 400: there is no number, or a text far longer
 * than one. The database reads it, see number_read(). */
static bool
check_number(struct ctx *c, const char *number)
{
	if (number != NULL && strlen(number) <= NUMBER_MAX)
		return (true);
	reply_invalid(c, "number", "Écrivez un numéro entier : "
	    "06 13 24 10 88, +33 6 13 24 10 88, ou un numéro court "
	    "de 2 à 8 chiffres.");
	return (false);
}

void
recording_policy(struct ctx *c)
{
	const char	*number = params_get(&c->query, "number");

	if (check_number(c, number))
		ask(c, SQL_TELEPHONY_POLICY, &number, 1, reply_model, NULL);
}

void
recording_decide(struct ctx *c)
{
	const char	*params[3] = { ctx_field(c, "number"),
			    ctx_field(c, "event"), ctx_field(c, "state") };

	if (!check_number(c, params[0]))
		return;
	if (params[1] == NULL)
		reply_invalid(c, "event",
		    "Cet événement ou cet état n’existe pas.");
	else
		ask(c, SQL_TELEPHONY_DECISION, params, 3, reply_model, NULL);
}
