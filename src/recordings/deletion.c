/*
 * Deletions: how many would it be, do it, the receipt. The number that the
 * person confirmed is checked where the rows are; above a hundred the
 * password is asked for again. What is deleted is gone from everywhere when
 * the answer comes, though the rows of a big one go in the background.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "onepass/onepass.h"
#include "recordings/recordings.h"
#include "recordings/selection.h"
#include "server/confirm.h"
#include "server/model.h"
#include "server/once.h"
#include "server/reply.h"

#define COUNT_MAX	INT32_MAX

/* What is asked, in the request's arena. */
struct asked {
	const char	*select;	/* as the database takes it */
	const char	*expect;
	const char	*key;		/* of the request, or NULL */
	const char	*problem;	/* on the page to confirm, or NULL */
	int		 status;	/* of that page */
};

static void	confirm(struct ctx *, int, const char *);
static void	counted(struct ctx *, enum result, struct db_rows *);
static void	known(struct ctx *, const char *);
static void	created(struct ctx *, enum result, struct db_rows *);

/* The selection: of the API's body, of the form to confirm, which has it as
 * one field, or of the list's own form. */
static enum result
read_selection(struct ctx *c, struct selection *s)
{
	const char	*text = ctx_field(c, "select");
	json_t		*select;
	enum result	 r;

	if (c->surface == API)
		return (selection_of_json(s,
		    json_object_get(c->body, "select")));
	if (text == NULL)
		return (selection_of_form(s, &c->form));
	select = json_loads(text, 0, NULL);
	r = selection_of_json(s, select);
	json_decref(select);
	return (r);
}

/* NULL: replied what is wrong with the selection. */
static struct asked *
read_asked(struct ctx *c)
{
	struct selection	 s;
	struct asked		*a = arena_alloc(&c->arena, sizeof(*a));

	if (read_selection(c, &s) != OK) {
		reply_invalid(c, s.field, s.problem);
		return (NULL);
	}
	memset(a, 0, sizeof(*a));
	a->select = selection_text(&s, &c->arena);
	if (s.own)
		c->scope.team = "";
	selection_dispose(&s);
	c->feature = a;
	return (a);
}

void
deletion_count(struct ctx *c)
{
	if (read_asked(c) != NULL)
		confirm(c, 200, NULL);
}

/* Counts, and shows what is to be confirmed; problem: why it has to be
 * confirmed once more. */
static void
confirm(struct ctx *c, int status, const char *problem)
{
	struct asked	*a = c->feature;

	a->status = status;
	a->problem = problem;
	ask(c, SQL_RECORDINGS_DELETION_COUNT, &a->select, 1, counted);
}

static void
counted(struct ctx *c, enum result result, struct db_rows *rows)
{
	struct asked	*a = c->feature;
	json_t		*model;
	json_int_t	 n;

	(void)result;
	model = model_of(rows);
	n = json_integer_value(json_object_get(model, "count"));
	if (c->surface == API)
		reply_value(c, 200, json_pack("{s:I}", "count", n));
	else if (n == 0)
		reply_result(c, NOT_FOUND);
	else {
		json_object_set_new(model, "request", json_string(
		    c->request_id));
		json_object_set_new(model, "password", json_boolean(
		    n > PASSWORD_ABOVE));
		json_object_set_new(model, "problem", a->problem == NULL ?
		    json_null() : json_string(a->problem));
		reply_page(c, a->status, "recordings/deletion_confirm",
		    present_deletion_confirm, json_incref(model));
	}
	json_decref(model);
}

void
deletion_create(struct ctx *c)
{
	const char	*expect, *key;
	struct asked	*a;
	int64_t		 n;

	expect = confirm_number(c, 1, "Le nombre confirmé (expect) est un "
	    "nombre entier, à partir de 1.", &n);
	if (expect == NULL || !once_key(c, &key))
		return;
	if ((a = read_asked(c)) == NULL)
		return;
	a->expect = expect;
	a->key = key;
	if (n > PASSWORD_ABOVE)
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
	params[0] = a->select;
	params[1] = a->expect;
	params[2] = a->key;
	params[3] = once_hash(c, a->expect, a->select);
	ask(c, SQL_RECORDINGS_DELETION_CREATE, params, 4, created);
}

static void
reply_receipt(struct ctx *c, json_t *deletion)
{
	const char	*id = json_string_value(json_object_get(deletion,
			    "id"));
	const char	*state = json_string_value(json_object_get(deletion,
			    "state"));

	reply_made(c, strcmp(state, "done") == 0 ? 200 : 202,
	    arena_printf(&c->arena, "/deletions/%s", id),
	    json_incref(deletion));
}

static void
created(struct ctx *c, enum result result, struct db_rows *rows)
{
	json_t		*answer;
	const char	*outcome;

	(void)result;
	answer = model_of(rows);
	outcome = json_string_value(json_object_get(answer, "outcome"));
	if (strcmp(outcome, "created") == 0 || strcmp(outcome, "exists") == 0)
		reply_receipt(c, json_object_get(answer, "deletion"));
	else if (strcmp(outcome, "conflict") == 0)
		once_conflict(c);
	else if (strcmp(outcome, "empty") == 0)
		reply_result(c, NOT_FOUND);
	else
		confirm_changed(c, json_integer_value(
		    json_object_get(answer, "count")), confirm);
	json_decref(answer);
}

void
deletion_show(struct ctx *c)
{
	const char	*params[1] = { c->id };

	if (!uuid_valid(c->id))
		reply_result(c, NOT_FOUND);
	else
		ask(c, SQL_RECORDINGS_DELETION_SHOW, params, 1, reply_model);
}
