/* The service's tile, the list of accounts behind it, and the help pages. */
#include <stdlib.h>

#include "base/text.h"
#include "server/reply.h"
#include "telephony/telephony.h"

#define Q_MAX	200

void
telephony_services(struct ctx *c)
{
	ask(c, SQL_TELEPHONY_SERVICES, NULL, 0, reply_model);
}

void
telephony_help(struct ctx *c)
{
	ask(c, SQL_TELEPHONY_HELP, NULL, 0, reply_model);
}

/* Adds a number of the query to the filter; false: replied. */
static bool
add_number(struct ctx *c, json_t *filter, const char *name)
{
	const char	*value = params_get(&c->query, name);
	int64_t		 n;

	if (value == NULL || *value == '\0')
		return (true);
	if (text_int64(value, 1, INT32_MAX, &n))
		return (json_object_set_new(filter, name, json_integer(n)) ==
		    0);
	reply_invalid(c, name, "Cette valeur ne convient pas.");
	return (false);
}

static bool
add_words(struct ctx *c, json_t *filter)
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

	if (add_words(c, filter) && add_number(c, filter, "site") &&
	    add_number(c, filter, "after")) {
		text = json_dumps(filter, JSON_COMPACT);
		params[0] = text;
		ask(c, SQL_TELEPHONY_ACCOUNTS, params, 1, reply_model);
		free(text);
	}
	json_decref(filter);
}
