/*
 * Lists the accounts of a tenant, and shows one. The database decides which
 * ones a person may see, see accounts_page(); present.c makes the pages.
 */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "people/people.h"
#include "server/reply.h"

#define Q_MAX	200	/* characters */

/* Replies with a page; under /api/v1 a Link header has the next (RFC 8288). */
static void
reply_page_of_accounts(struct ctx *c, struct db_rows *rows, void *arg)
{
	const char	*next = db_text(rows, 0, "next");
	const char	*q = params_get(&c->query, "q");
	struct buf	 b = { NULL, 0, 0 };

	if (next != NULL && c->surface == API) {
		buf_printf(&b, "<%s?after=%s", c->path, next);
		if (q != NULL && *q != '\0') {
			buf_puts(&b, "&q=");
			params_encode_value(&b, q);
		}
		buf_puts(&b, ">; rel=\"next\"");
		reply_header(c, "link", b.data);
		buf_dispose(&b);
	}
	reply_model(c, rows, arg);
}

void
accounts_list(struct ctx *c)
{
	const char	*params[2];

	params[0] = params_get(&c->query, "q");
	params[1] = params_get(&c->query, "after");
	if (params[0] != NULL && utf8_length(params[0]) > Q_MAX)
		reply_invalid(c, "q", "La recherche compte au plus 200 "
		    "caractères.");
	else if (params[1] != NULL && !uuid_valid(params[1]))
		reply_invalid(c, "after", "La valeur attendue est "
		    "l’identifiant d’un compte.");
	else
		ask(c, SQL_PEOPLE_LIST, params, 2, reply_page_of_accounts,
		    NULL);
}

void
account_get(struct ctx *c)
{
	const char	*params[1] = { c->id };

	if (!uuid_valid(c->id))
		reply_result(c, NOT_FOUND);
	else
		ask(c, SQL_PEOPLE_SHOW, params, 1, reply_model, NULL);
}
