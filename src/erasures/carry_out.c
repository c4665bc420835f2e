/*
 * Carrying out a request to erase: the page that asks, and the deed. As with
 * any deletion (recordings/deletion.c) the number that the person confirmed is
 * checked where the rows are, and above a hundred the password is asked for
 * again; here none is a number too.
 */
#include <string.h>

#include "base/text.h"
#include "erasures/erasures.h"
#include "onepass/onepass.h"
#include "server/confirm.h"
#include "server/model.h"
#include "server/once.h"
#include "server/reply.h"

/* What is asked, in the request's arena. */
struct asked {
	const char	*expect;
	const char	*key;		/* of the request, or NULL */
	const char	*problem;	/* on the page to confirm, or NULL */
	int		 status;	/* of that page */
};

static void	shown(struct ctx *, enum result, struct db_rows *);
static void	known(struct ctx *, const char *);
static void	carried_out(struct ctx *, enum result, struct db_rows *);

/* Shows what is to be confirmed; problem: why once more. */
static void
confirm(struct ctx *c, int status, const char *problem)
{
	struct asked	*a = c->feature;
	const char	*params[1] = { c->id };

	a->status = status;
	a->problem = problem;
	ask(c, SQL_ERASURES_SHOW, params, 1, shown);
}

void
erasure_confirm(struct ctx *c)
{
	c->feature = arena_alloc(&c->arena, sizeof(struct asked));
	if (uuid_valid(c->id))
		confirm(c, 200, NULL);
	else
		reply_result(c, NOT_FOUND);
}

static void
reply_confirm(struct ctx *c, json_t *model)
{
	struct asked	*a = c->feature;

	json_object_set_new(model, "request", json_string(c->request_id));
	json_object_set_new(model, "problem", a->problem == NULL ?
	    json_null() : json_string(a->problem));
	reply_page(c, a->status, "erasures/confirm", present_erasure_confirm,
	    json_incref(model));
}

/* One that is closed has its receipt to show, and nothing to confirm. */
static void
shown(struct ctx *c, enum result result, struct db_rows *rows)
{
	json_t		*model;
	const char	*state;

	(void)result;
	if ((model = model_of(rows)) == NULL) {
		reply_result(c, NOT_FOUND);
		return;
	}
	state = json_string_value(json_object_get(model, "state"));
	if (strcmp(state, "open") == 0)
		reply_confirm(c, model);
	else
		reply_redirect(c, arena_printf(&c->arena, "%s/erasures/%s",
		    c->base, c->id));
	json_decref(model);
}

void
erasure_carry_out(struct ctx *c)
{
	struct asked	*a = arena_alloc(&c->arena, sizeof(*a));
	int64_t		 n;

	memset(a, 0, sizeof(*a));
	c->feature = a;
	a->expect = confirm_number(c, 0, "Le nombre confirmé (expect) est un "
	    "nombre entier, à partir de 0.", &n);
	if (a->expect == NULL || !once_key(c, &a->key))
		return;
	if (!uuid_valid(c->id))
		reply_result(c, NOT_FOUND);
	else if (n > PASSWORD_ABOVE)
		password_again(c, ctx_field(c, "password"), known);
	else
		known(c, NULL);
}

/* The person is who they were. */
static void
known(struct ctx *c, const char *problem)
{
	struct asked	*a = c->feature;
	const char	*params[4];

	if (problem != NULL) {
		confirm_password(c, problem, confirm);
		return;
	}
	params[0] = c->id;
	params[1] = a->expect;
	params[2] = a->key;
	params[3] = once_hash(c, a->expect, c->id);
	ask(c, SQL_ERASURES_CARRY_OUT, params, 4, carried_out);
}

/* 200, or 202 while rows are still to go. */
static void
reply_receipt(struct ctx *c, json_t *erasure)
{
	int	status;

	status = json_is_null(json_object_get(erasure, "erased_at")) ? 202 :
	    200;
	reply_made(c, status, arena_printf(&c->arena, "/erasures/%s", c->id),
	    json_incref(erasure));
}

static void
carried_out(struct ctx *c, enum result result, struct db_rows *rows)
{
	json_t		*answer;
	const char	*outcome;

	(void)result;
	if ((answer = model_of(rows)) == NULL) {
		reply_result(c, NOT_FOUND);
		return;
	}
	outcome = json_string_value(json_object_get(answer, "outcome"));
	if (strcmp(outcome, "conflict") == 0)
		once_conflict(c);
	else if (strcmp(outcome, "changed") == 0)
		confirm_changed(c, json_integer_value(
		    json_object_get(answer, "count")), confirm);
	else
		reply_receipt(c, json_object_get(answer, "erasure"));
	json_decref(answer);
}
