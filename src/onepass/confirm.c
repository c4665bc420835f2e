/* The flow of a write that must be confirmed, see confirm.h. */
#include <string.h>

#include "base/text.h"
#include "onepass/confirm.h"
#include "onepass/onepass.h"
#include "server/model.h"
#include "server/once.h"
#include "server/reply.h"

#define COUNT_MAX	INT32_MAX

static void	confirm_counted(struct ctx *, struct db_rows *, void *);
static void	confirm_allowed(struct ctx *, const char *, void *);
static void	confirm_written(struct ctx *, struct db_rows *, void *);

/* Counts and writes are exact, so they may take longer than a page of a list;
 * a search that is too slow even so is answered as such. */
static void
confirm_query(struct ctx *c, struct confirmation *f, enum sql sql,
    const char *const *params, int n, ask_answer answer)
{
	if (f->search)
		ask_search(c, 0, sql, params, n, answer, f);
	else
		ask_heavy(c, sql, params, n, answer, f);
}

static void
confirm_ask(
    struct ctx *c, struct confirmation *f, int status, const char *problem)
{
	f->status = status;
	f->problem = problem;
	confirm_query(c, f, f->count, &f->subject, 1, confirm_counted);
}

void
confirm_show(struct ctx *c, struct confirmation *f)
{
	confirm_ask(c, f, 200, NULL);
}

static void
confirm_counted(struct ctx *c, struct db_rows *rows, void *arg)
{
	struct confirmation	*f = arg;
	json_t			*model = model_of(rows);

	if (model == NULL)
		reply_result(c, NOT_FOUND);
	else
		f->page(c, f, model);
	json_decref(model);
}

void
confirm_write(struct ctx *c, struct confirmation *f)
{
	int64_t	n;

	f->expect = ctx_number(c, "expect");
	if (f->expect == NULL ||
	    !text_int64(f->expect, f->least, COUNT_MAX, &n)) {
		reply_invalid(c, "expect", f->least == 0 ?
		    "Le nombre confirmé (expect) est un nombre entier, à "
		    "partir de 0." :
		    "Le nombre confirmé (expect) est un nombre entier, à "
		    "partir de 1.");
		return;
	}
	if (!once_key(c, &f->key))
		return;
	if (n > PASSWORD_ABOVE)
		password_again(c, ctx_field(c, "password"), confirm_allowed, f);
	else
		confirm_allowed(c, NULL, f);
}

/* Writes; with a problem (password missing or wrong) asks again instead. */
static void
confirm_allowed(struct ctx *c, const char *problem, void *arg)
{
	struct confirmation	*f = arg;
	const char		*params[4];

	if (problem != NULL && c->surface == API)
		reply_problem(c, 403, "password-needed", problem);
	else if (problem != NULL)
		confirm_ask(c, f, 403, problem);
	else {
		params[0] = f->subject;
		params[1] = f->expect;
		params[2] = f->key;
		params[3] = once_hash(c, f->expect, f->subject);
		confirm_query(c, f, f->write, params, 4, confirm_written);
	}
}

/* Replies 409: the count differs from the one that the person confirmed. */
static void
confirm_changed(struct ctx *c, struct confirmation *f, const json_t *answer)
{
	const char	*detail = "Le nombre d’enregistrements a changé "
			    "entre-temps : confirmez le nouveau.";

	if (c->surface == API)
		reply_problem_with(c, 409, "count-changed", detail,
		    json_pack("{s:O}", "count",
		    json_object_get(answer, "count")));
	else
		confirm_ask(c, f, 409, detail);
}

static void
confirm_written(struct ctx *c, struct db_rows *rows, void *arg)
{
	struct confirmation	*f = arg;
	json_t			*answer = model_of(rows);

	if (answer == NULL)
		reply_result(c, NOT_FOUND);
	else if (strcmp(get(answer, "outcome"), "changed") == 0)
		confirm_changed(c, f, answer);
	else if (once_done(c, get(answer, "outcome")))
		f->receipt(c, answer);
	json_decref(answer);
}
