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
#include "server/once.h"
#include "server/reply.h"

#define COUNT_MAX	INT32_MAX

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
	if (db_value(rows, 0, 0) == NULL) {
		reply_result(c, NOT_FOUND);
		return;
	}
	model = json_loadb(db_value(rows, 0, 0), db_length(rows, 0, 0), 0,
	    NULL);
	state = json_string_value(json_object_get(model, "state"));
	if (strcmp(state, "open") == 0)
		reply_confirm(c, model);
	else
		reply_redirect(c, arena_printf(&c->arena, "%s/erasures/%s",
		    c->base, c->id));
	json_decref(model);
}

/* The API's is a number. */
static const char *
expected(struct ctx *c)
{
	json_t	*n = json_object_get(c->body, "expect");

	if (c->surface == API && json_is_integer(n))
		return (arena_printf(&c->arena, "%lld",
		    (long long)json_integer_value(n)));
	return (ctx_field(c, "expect"));
}

void
erasure_carry_out(struct ctx *c)
{
	struct asked	*a = arena_alloc(&c->arena, sizeof(*a));
	int64_t		 n;

	memset(a, 0, sizeof(*a));
	c->feature = a;
	a->expect = expected(c);
	if (a->expect == NULL || !text_int64(a->expect, 0, COUNT_MAX, &n)) {
		reply_invalid(c, "expect", "Le nombre confirmé (expect) est "
		    "un nombre entier, à partir de 0.");
		return;
	}
	if (!once_key(c, &a->key))
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

	if (problem != NULL && c->surface != API) {
		confirm(c, 403, problem);
		return;
	}
	if (problem != NULL) {
		reply_problem(c, 403, "password-needed", problem);
		return;
	}
	params[0] = c->id;
	params[1] = a->expect;
	params[2] = a->key;
	params[3] = once_hash(c, a->expect, c->id);
	ask(c, SQL_ERASURES_CARRY_OUT, params, 4, carried_out);
}

/* 409: it is another number than the person was told. */
static void
reply_changed(struct ctx *c, json_t *count)
{
	const char	*detail;

	detail = "Le nombre d’enregistrements a changé entre-temps : "
	    "confirmez le nouveau.";
	if (c->surface != API)
		confirm(c, 409, detail);
	else
		reply_problem_with(c, 409, "count-changed", detail,
		    json_pack("{s:O}", "count", count));
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
	if (db_value(rows, 0, 0) == NULL) {
		reply_result(c, NOT_FOUND);
		return;
	}
	answer = json_loadb(db_value(rows, 0, 0), db_length(rows, 0, 0), 0,
	    NULL);
	outcome = json_string_value(json_object_get(answer, "outcome"));
	if (strcmp(outcome, "conflict") == 0)
		once_conflict(c);
	else if (strcmp(outcome, "changed") == 0)
		reply_changed(c, json_object_get(answer, "count"));
	else
		reply_receipt(c, json_object_get(answer, "erasure"));
	json_decref(answer);
}
