/* Questions to the database on behalf of a request, see context.h. */
#include <stddef.h>

#include "base/log.h"
#include "server/access.h"
#include "server/request.h"

/* In the request's arena: abandoned with it. */
struct question {
	struct ctx	*ctx;
	ask_answer	 answer;
	bool		 all;	/* errors too go to answer */
};

void
ask_failed(struct ctx *c, enum result result, struct db_rows *rows)
{
	const char	*message = db_message(rows), *field = db_field(rows);

	if (result == INVALID && message != NULL)
		reply_invalid(c, field, message);
	else if (result == CONFLICT && message != NULL)
		reply_problem(c, 409, "conflict", message);
	else if (result == DENIED && message != NULL) {
		access_refused(c);
		reply_problem(c, 403, "forbidden", message);
	} else
		reply_result(c, result);
}

static void
answered(void *owner, enum result result, struct db_rows *rows)
{
	struct question	*q = owner;
	struct ctx	*c = q->ctx;

	c->request->ask = NULL;
	if (result != OK && !q->all)
		ask_failed(c, result, rows);
	else
		q->answer(c, result, rows);
}

static void
question_put(struct ctx *c, enum sql sql, const char *const *params, int n,
    ask_answer answer, bool all)
{
	struct question	*q = arena_alloc(&c->arena, sizeof(*q));
	struct db_ask	*asked;

	q->ctx = c;
	q->answer = answer;
	q->all = all;
	/* When it can't be queued the answer has come, and the answer may
	 * have asked again. */
	asked = db_send(sql, &c->scope, params, n, answered, q);
	if (asked != NULL)
		c->request->ask = asked;
}

void
ask(struct ctx *c, enum sql sql, const char *const *params, int n,
    ask_answer answer)
{
	question_put(c, sql, params, n, answer, false);
}

void
ask_all(struct ctx *c, enum sql sql, const char *const *params, int n,
    ask_answer answer)
{
	question_put(c, sql, params, n, answer, true);
}
