/* The page of services, the list of accounts behind it, and the help page. */
#include <stdlib.h>

#include "base/text.h"
#include "server/reply.h"
#include "telephony/telephony.h"

#define Q_MAX	200	/* characters */

void
telephony_services(struct ctx *c)
{
	ask(c, SQL_TELEPHONY_SERVICES, NULL, 0, reply_model, NULL);
}

void
telephony_help(struct ctx *c)
{
	ask(c, SQL_TELEPHONY_HELP, NULL, 0, reply_model, NULL);
}

/* Adds an id of the query to the filter; returns false after a reply of 400. */
static bool
filter_add_id(struct ctx *c, json_t *filter, const char *name)
{
	const char	*value = params_get(&c->query, name);

	if (value == NULL || *value == '\0')
		return (true);
	if (uuid_valid(value))
		return (json_object_set_new(filter, name,
		    json_string(value)) == 0);
	reply_invalid(c, name, "Cette valeur ne convient pas.");
	return (false);
}

/* Adds the searched words likewise. */
static bool
filter_add_words(struct ctx *c, json_t *filter)
{
	const char	*q = params_get(&c->query, "q");

	if (q == NULL || *q == '\0')
		return (true);
	if (utf8_length(q) <= Q_MAX)
		return (json_object_set_new(filter, "q", json_string(q)) ==
		    0);
	reply_invalid(c, "q", "Cette valeur ne convient pas.");
	return (false);
}

void
telephony_accounts(struct ctx *c)
{
	json_t		*filter = json_object();
	char		*text;
	const char	*params[1];

	if (filter_add_words(c, filter) && filter_add_id(c, filter, "site") &&
	    filter_add_id(c, filter, "after")) {
		text = json_dumps(filter, JSON_COMPACT);
		params[0] = text;
		ask(c, SQL_TELEPHONY_ACCOUNTS, params, 1, reply_model, NULL);
		free(text);
	}
	json_decref(filter);
}
