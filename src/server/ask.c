/* Database queries of a request; see context.h. */
#include <stddef.h>

#include "base/log.h"
#include "server/access.h"
#include "server/request.h"

/* A query, in the arena of its request. Either answer or outcome is set. */
struct query {
	struct ctx	*ctx;
	ask_answer	 answer;
	ask_outcome	 outcome;
	void		*arg;
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
query_answered(void *owner, enum result result, struct db_rows *rows)
{
	struct query	*q = owner;
	struct ctx	*c = q->ctx;
	struct db_times	 times = db_times(NULL);

	c->request->ask = NULL;
	c->request->times.waiting += times.waiting;
	c->request->times.database += times.running;
	if (q->outcome != NULL)
		q->outcome(c, result, rows, q->arg);
	else if (result != OK)
		ask_failed(c, result, rows);
	else
		q->answer(c, rows, q->arg);
}

static void
query_send(struct ctx *c, enum sql sql, const struct db_scope *scope,
    const char *const *params, int n, const struct query *query)
{
	struct query	*q = arena_alloc(&c->arena, sizeof(*q));
	struct db_ask	*asked;

	*q = *query;
	/* NULL means that db_send() called the answer, which may have sent
	 * another query. */
	asked = db_send(sql, scope, params, n, query_answered, q);
	if (asked != NULL)
		c->request->ask = asked;
}

void
ask(struct ctx *c, enum sql sql, const char *const *params, int n,
    ask_answer answer, void *arg)
{
	query_send(c, sql, &c->scope, params, n, &(struct query){ c, answer,
	    NULL, arg });
}

void
ask_heavy(struct ctx *c, enum sql sql, const char *const *params, int n,
    ask_answer answer, void *arg)
{
	struct db_scope	scope = c->scope;

	scope.heavy = true;
	query_send(c, sql, &scope, params, n, &(struct query){ c, answer,
	    NULL, arg });
}

void
ask_search(struct ctx *c, int64_t limit_ms, enum sql sql,
    const char *const *params, int n, ask_answer answer, void *arg)
{
	struct db_scope	scope = c->scope;

	scope.heavy = true;
	scope.limit_ms = limit_ms == 0 ? INT64_MAX : limit_ms;
	query_send(c, sql, &scope, params, n, &(struct query){ c, answer,
	    NULL, arg });
}

void
ask_all(struct ctx *c, enum sql sql, const char *const *params, int n,
    ask_outcome outcome, void *arg)
{
	query_send(c, sql, &c->scope, params, n, &(struct query){ c, NULL,
	    outcome, arg });
}
