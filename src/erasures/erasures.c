/*
 * Handlers that file, list, show and withdraw requests to erase a number.
 * functions/erasure.sql shapes the models; carry_out.c carries requests out;
 * receipt.c makes the receipt in PDF.
 */
#include <string.h>

#include "base/text.h"
#include "erasures/erasures.h"
#include "server/form.h"
#include "server/model.h"
#include "server/once.h"
#include "server/reply.h"

#define NUMBER_MAX	254		/* bytes; a SIP address */

static void	erasure_filed(struct ctx *, enum result, struct db_rows *,
		    void *);

void
erasure_file(struct ctx *c)
{
	const char	*params[3];

	params[0] = ctx_field(c, "number");
	if (params[0] == NULL || strlen(params[0]) > NUMBER_MAX) {
		reply_invalid(c, "number", "Écrivez un numéro entier : "
		    "06 13 24 10 88, +33 6 13 24 10 88, ou un numéro court "
		    "de 2 à 8 chiffres.");
		return;
	}
	if (!once_key(c, &params[1]))
		return;
	params[2] = once_hash(c, "file", params[0]);
	ask_all(c, SQL_ERASURES_FILE, params, 3, erasure_filed, NULL);
}

/* Replies with the refusal; a page shows it in its form. */
static void
filing_refused(struct ctx *c, enum result result, struct db_rows *rows)
{
	static const struct form_page	 page = {
		"erasures/list", present_erasures, SQL_ERASURES_LIST
	};
	const char			*params[3] = { NULL, NULL, NULL };

	form_refused(c, result, rows, &page, params, 3);
}

static void
erasure_filed(
    struct ctx *c, enum result result, struct db_rows *rows, void *arg)
{
	json_t	*answer, *erasure;

	(void)arg;
	if (result != OK) {
		filing_refused(c, result, rows);
		return;
	}
	answer = model_of(rows);
	erasure = json_object_get(answer, "erasure");
	if (once_done(c, get(answer, "outcome")))
		reply_made(c, 201, arena_printf(&c->arena, "/erasures/%s",
		    get(erasure, "id")), json_incref(erasure));
	json_decref(answer);
}

static bool
state_valid(const char *state)
{
	return (state == NULL || *state == '\0' ||
	    strcmp(state, "open") == 0 || strcmp(state, "carried_out") == 0 ||
	    strcmp(state, "withdrawn") == 0);
}

void
erasures_list(struct ctx *c)
{
	const char	*params[3];

	params[0] = params_get(&c->query, "after");
	params[1] = params_get(&c->query, "state");
	params[2] = params_get(&c->query, "number");
	if (params[0] != NULL && !uuid_valid(params[0]))
		reply_invalid(c, "after", "Le repère de page n’est plus "
		    "valable. Revenez à la première page.");
	else if (!state_valid(params[1]))
		reply_invalid(c, "state", "L’état (state) est open, "
		    "carried_out ou withdrawn.");
	else
		ask(c, SQL_ERASURES_LIST, params, 3, reply_model, NULL);
}

void
erasure_show(struct ctx *c)
{
	const char	*params[1] = { c->id };

	if (!uuid_valid(c->id))
		reply_result(c, NOT_FOUND);
	else
		ask(c, SQL_ERASURES_SHOW, params, 1, reply_model, NULL);
}

static void
erasure_withdrawn(struct ctx *c, struct db_rows *rows, void *arg)
{
	if (c->surface == API || db_value(rows, 0, 0) == NULL)
		reply_model(c, rows, arg);
	else
		reply_redirect(c, arena_printf(&c->arena, "%s/erasures/%s",
		    c->base, c->id));
}

void
erasure_withdraw(struct ctx *c)
{
	const char	*params[1] = { c->id };

	if (!uuid_valid(c->id))
		reply_result(c, NOT_FOUND);
	else
		ask(c, SQL_ERASURES_WITHDRAW, params, 1, erasure_withdrawn,
		    NULL);
}
