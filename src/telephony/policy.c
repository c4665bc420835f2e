/*
 * The recording policy for a telephone system: how the calls of a number are
 * recorded, and what an event in a call does. The transitions are in
 * functions/policy.sql. The caller keeps the state of a call between events.
 */
#include <string.h>

#include "server/reply.h"
#include "telephony/telephony.h"

/* Returns true for E.164 or 2 to 8 digits, as account_number stores them. */
static bool
stored_number_valid(const char *number)
{
	bool	 plus = number[0] == '+';
	size_t	 n = strlen(number + plus);

	return (strspn(number + plus, "0123456789") == n && (plus ?
	    n >= 7 && n <= 15 && number[1] != '0' : n >= 2 && n <= 8));
}

/* Returns false after a reply of 400: the number is missing or not valid. */
static bool
check_number(struct ctx *c, const char *number)
{
	if (number != NULL && stored_number_valid(number))
		return (true);
	reply_invalid(c, "number", "Un numéro s’écrit +33123456789, ou avec 2 "
	    "à 8 chiffres s’il est court.");
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
