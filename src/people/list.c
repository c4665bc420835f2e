/*
 * The accounts of a customer and one of them. Who may see which is decided in
 * the database, see accounts_page(); what pages show of it by present.c.
 */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "people/people.h"
#include "server/reply.h"

#define Q_MAX	200	/* characters */

bool
account_id_valid(const char *id)
{
	int64_t	n;

	return (text_int64(id, 1, INT32_MAX, &n));
}

/* The same question, further on (RFC 8288), for programs. */
static void
reply_page_of_accounts(struct ctx *c, enum result result,
    struct db_rows *rows)
{
	const char	*next = db_value(rows, 0, 1);
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
	reply_model(c, result, rows);
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
	else if (params[1] != NULL && !account_id_valid(params[1]))
		reply_invalid(c, "after", "La valeur attendue est "
		    "l’identifiant d’un compte.");
	else
		ask(c, SQL_PEOPLE_LIST, params, 2, reply_page_of_accounts);
}

void
account_get(struct ctx *c)
{
	const char	*params[1] = { c->id };

	if (!account_id_valid(c->id))
		reply_result(c, NOT_FOUND);
	else
		ask(c, SQL_PEOPLE_SHOW, params, 1, reply_model);
}
