/*
 * The asynchronous pool: connections, and a queue of queries. A connection
 * runs one query at a time. A query waits at most 2 s in the queue. When no
 * connection is up, queries wait only during the first OUTAGE_MS, which hides
 * a restart of the database. A process has one pool, on one loop.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/connection.h"
#include "db/db.h"

#define TICK_MS		50
#define QUEUE_MAX	256
#define PATIENCE_MS	2000	/* maximum time in the queue */
#define OUTAGE_MS	800	/* after it queries fail at once */

static struct {
	struct db_options	 options;
	struct connection	*list;
	unsigned		 count;
	struct db_ask		*first;		/* queue, oldest first */
	struct db_ask		**last;		/* end of the queue */
	size_t			 waiting;
	int64_t			 up_at;		/* last time up, or start */
} pool;

static struct db_times	times;	/* of the query that is answered */

static struct connection *
pool_idle(void)
{
	unsigned	i;

	for (i = 0; i < pool.count; i++)
		if (pool.list[i].state == CONNECTION_IDLE)
			return (&pool.list[i]);
	return (NULL);
}

bool
db_up(void)
{
	unsigned	i;

	for (i = 0; i < pool.count; i++)
		if (connection_up(&pool.list[i]))
			return (true);
	return (false);
}

/* Returns whether all connections have been down for OUTAGE_MS. */
static bool
pool_away(int64_t now)
{
	if (db_up())
		pool.up_at = now;
	return (now - pool.up_at > OUTAGE_MS);
}

static void
answer_call(db_answer answer, void *owner, enum result outcome,
    struct db_rows *rows)
{
	if (answer != NULL)
		answer(owner, outcome, rows);
}

struct db_times
db_times(const struct db_ask *ask)
{
	int64_t		now = clock_mono_us();
	struct db_times	t;

	if (ask == NULL)
		return (times);
	t.waiting = (ask->sent == 0 ? now : ask->sent) - ask->asked;
	t.running = ask->sent == 0 ? 0 : now - ask->sent;
	return (t);
}

static bool
ask_start(struct db_ask *ask, struct connection *c)
{
	ask->sent = clock_mono_us();
	return (connection_ask(c, ask));
}

/* Calls the answer and frees the ask. */
static void
ask_end(struct db_ask *ask, enum result outcome, PGresult *result)
{
	struct db_rows	*rows = rows_new(result);

	times = db_times(ask);
	answer_call(ask->answer, ask->owner, outcome, rows);
	rows_release(rows);
	free(ask);
}

static struct db_ask *
queue_pop(void)
{
	struct db_ask	*ask = pool.first;

	if ((pool.first = ask->next) == NULL)
		pool.last = &pool.first;
	pool.waiting--;
	ask->waiting = false;
	return (ask);
}

static void
queue_remove(struct db_ask *ask)
{
	struct db_ask	**at = &pool.first;

	while (*at != ask)
		at = &(*at)->next;
	*at = ask->next;
	if (pool.last == &ask->next)
		pool.last = at;
	pool.waiting--;
}

static void
queue_add(struct db_ask *ask)
{
	ask->waiting = true;
	ask->deadline = clock_mono_ms() + PATIENCE_MS;
	*pool.last = ask;
	pool.last = &ask->next;
	pool.waiting++;
}

static void
pool_became_idle(struct connection *c)
{
	struct db_ask	*ask;

	if (pool.first == NULL)
		return;
	ask = queue_pop();
	if (!ask_start(ask, c))
		ask_end(ask, UNAVAILABLE, NULL);
}

static void
pool_tick(void *arg)
{
	int64_t		now = clock_mono_ms();
	bool		away;
	unsigned	i;

	(void)arg;
	for (i = 0; i < pool.count; i++)
		connection_tick(&pool.list[i], now);
	away = pool_away(now);
	while (pool.first != NULL && (away || now >= pool.first->deadline))
		ask_end(queue_pop(), UNAVAILABLE, NULL);
}

/* Starts the thread that resolves host names; NULL: none is needed. */
static struct pool *
resolver_new(struct loop *loop, const struct db_options *o)
{
	struct pool	*resolver;

	if (!conninfo_is_list(o->conninfo))
		return (NULL);
	if ((resolver = pool_new(loop, 1, o->connections)) == NULL)
		log_fatal("event=no_thread");
	return (resolver);
}

void
db_start(struct loop *loop, const struct db_options *options)
{
	struct pool		*resolver = resolver_new(loop, options);
	struct connection	*c;
	unsigned		 i;

	sql_check_all();
	pool.options = *options;
	pool.list = calloc(options->connections, sizeof(*pool.list));
	if (pool.list == NULL)
		log_fatal("event=out_of_memory");
	pool.count = options->connections;
	pool.last = &pool.first;
	pool.up_at = clock_mono_ms();
	for (i = 0; i < pool.count; i++) {
		c = &pool.list[i];
		c->loop = loop;
		c->options = &pool.options;
		c->resolver = resolver;
		c->number = i;
		c->watch.fd = -1;
		c->answered = ask_end;
		c->idle = pool_became_idle;
		connection_open(c);
	}
	loop->every(TICK_MS, pool_tick, NULL);
}

/* Copies s to *at and advances *at. NULL stays NULL. */
static const char *
text_copy(char **at, const char *s)
{
	char	*copy = *at;
	size_t	 size;

	if (s == NULL)
		return (NULL);
	size = strlen(s) + 1;
	memcpy(copy, s, size);
	*at += size;
	return (copy);
}

static struct db_ask *
ask_new(enum sql sql, const struct db_scope *scope, const char *const *params,
    int n)
{
	const char	*values[SCOPE_SETTINGS];
	struct db_ask	*ask;
	size_t		 size = sizeof(*ask);
	char		*at;
	int		 i;

	sql_check(sql, n);
	scope_values(scope, values);
	for (i = 0; i < SCOPE_SETTINGS; i++)
		size += strlen(values[i]) + 1;
	for (i = 0; i < n; i++)
		size += params[i] == NULL ? 0 : strlen(params[i]) + 1;
	if ((ask = calloc(1, size)) == NULL)
		log_fatal("event=out_of_memory query=%s", sql_name(sql));
	at = ask->text;
	for (i = 0; i < SCOPE_SETTINGS; i++)
		ask->scope[i] = text_copy(&at, values[i]);
	for (i = 0; i < n; i++)
		ask->params[i] = text_copy(&at, params[i]);
	ask->asked = clock_mono_us();
	ask->sql = sql;
	ask->n = n;
	ask->limit_ms = scope == NULL ? 0 : scope->limit_ms;
	return (ask);
}

struct db_ask *
db_send(enum sql sql, const struct db_scope *scope, const char *const *params,
    int n, db_answer answer, void *owner)
{
	struct connection	*c;
	struct db_ask		*ask;

	if (pool_away(clock_mono_ms())) {
		times = (struct db_times){ 0, 0 };
		answer_call(answer, owner, UNAVAILABLE, NULL);
		return (NULL);
	}
	c = pool.first == NULL ? pool_idle() : NULL;
	if (c == NULL && pool.waiting >= QUEUE_MAX) {
		times = (struct db_times){ 0, 0 };
		answer_call(answer, owner, BUSY, NULL);
		return (NULL);
	}
	ask = ask_new(sql, scope, params, n);
	ask->answer = answer;
	ask->owner = owner;
	if (c == NULL)
		queue_add(ask);
	else if (!ask_start(ask, c)) {
		ask_end(ask, UNAVAILABLE, NULL);
		return (NULL);
	}
	return (ask);
}

void
db_abandon(struct db_ask *ask)
{
	if (ask->waiting) {
		queue_remove(ask);
		free(ask);
		return;
	}
	ask->answer = NULL;
}
