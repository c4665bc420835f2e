/*
 * The asynchronous pool: connections, and a fair queue of queries. A connection
 * runs one query at a time. A query waits at most 2 s in the queue; a heavy one
 * waits for its turn before. When no connection is up, queries wait only during
 * the first OUTAGE_MS, which hides a restart of the database. A process has one
 * pool, on one loop.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/connection.h"
#include "db/db.h"

#define TICK_MS		50
#define QUEUE_CUSTOMER	128	/* queries of a customer that wait */
#define PATIENCE_MS	2000	/* maximum time in the queue */
#define OUTAGE_MS	800	/* after it queries fail at once */

static struct {
	struct db_options	 options;
	struct connection	*list;
	unsigned		 count;
	struct fair		*queue;
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

/* Gives back the connection and the turn of an ask that is over. */
static void
ask_leave(struct db_ask *ask)
{
	if (ask->state == ASK_RUNNING)
		fair_end(pool.queue, &ask->item);
	if (ask->heavy && ask->state != ASK_TURN)
		heavy_end(&ask->turn);
}

/* Calls the answer and frees the ask. */
static void
ask_end(struct db_ask *ask, enum result outcome, PGresult *result)
{
	struct db_rows	*rows = rows_new(result);

	ask_leave(ask);
	if (ask->ended != NULL)
		*ask->ended = true;
	times = db_times(ask);
	answer_call(ask->answer, ask->owner, outcome, rows);
	rows_release(rows);
	free(ask);
}

static struct db_ask *
ask_of(struct fair_item *i)
{
	return ((struct db_ask *)((char *)i - offsetof(struct db_ask, item)));
}

/* Ends the ask that a full queue does not keep. */
static void
ask_crowded(struct db_ask *ask)
{
	ask_end(ask, ask->item.key.kind == FAIR_SYSTEM ? BUSY : CROWDED, NULL);
}

/* Gives the connections that are idle the next queries. */
static void
pool_serve(void)
{
	struct connection	*c;
	struct fair_item	*i;

	while ((c = pool_idle()) != NULL &&
	    (i = fair_take(pool.queue, NULL, NULL)) != NULL) {
		ask_of(i)->state = ASK_RUNNING;
		if (!ask_start(ask_of(i), c))
			ask_end(ask_of(i), UNAVAILABLE, NULL);
	}
}

static void
queue_add(struct db_ask *ask)
{
	struct fair_item	*out;

	ask->state = ASK_QUEUED;
	ask->deadline = clock_mono_ms() + PATIENCE_MS;
	if ((out = fair_add(pool.queue, &ask->item)) != NULL)
		ask_crowded(ask_of(out));
	pool_serve();
}

static void
turn_came(struct heavy *h)
{
	queue_add((struct db_ask *)h);
}

static void
turn_refused(struct heavy *h, enum result why)
{
	ask_end((struct db_ask *)h, why, NULL);
}

static void
pool_became_idle(struct connection *c)
{
	(void)c;
	pool_serve();
}

/* Ends a query that has waited for too long: for its customer's others, or for
 * the database. */
static void
ask_expire(struct db_ask *ask, bool away)
{
	bool	own = ask->item.key.kind != FAIR_SYSTEM &&
		    fair_share(&ask->item) > 1;

	fair_remove(pool.queue, &ask->item);
	ask_end(ask, own && !away ? CROWDED : UNAVAILABLE, NULL);
}

static void
pool_tick(void *arg)
{
	struct fair_item	*oldest;
	int64_t			 now = clock_mono_ms();
	bool			 away;
	unsigned		 i;

	(void)arg;
	for (i = 0; i < pool.count; i++)
		connection_tick(&pool.list[i], now);
	away = pool_away(now);
	while ((oldest = fair_oldest(pool.queue)) != NULL &&
	    (away || now >= ask_of(oldest)->deadline))
		ask_expire(ask_of(oldest), away);
	/* the share of a connection that was lost is free again */
	pool_serve();
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

/* What runs at once shares the cores of the database: with more of one
 * customer's queries, or one person's, the next one's would take longer. */
static struct fair *
queue_new(unsigned connections)
{
	struct fair_limits	limits = fair_limits(0, QUEUE_CUSTOMER);

	limits.kind_slots = (connections + 1) / 2;
	limits.customer_slots = (3 * connections + 7) / 8;
	limits.person_slots = (connections + 3) / 4;
	return (fair_new(&limits));
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
	pool.queue = queue_new(pool.count);
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
	if (scope == NULL)
		return (ask);
	ask->limit_ms = scope->limit_ms;
	ask->heavy = scope->heavy;
	ask->item.key = ask->turn.item.key = scope->key;
	ask->turn.kind = HEAVY_WORK;
	ask->turn.start = turn_came;
	ask->turn.refused = turn_refused;
	return (ask);
}

struct db_ask *
db_send(enum sql sql, const struct db_scope *scope, const char *const *params,
    int n, db_answer answer, void *owner)
{
	struct db_ask	*ask;
	bool		 ended = false;
	enum result	 turn;

	if (pool_away(clock_mono_ms())) {
		times = (struct db_times){ 0, 0 };
		answer_call(answer, owner, UNAVAILABLE, NULL);
		return (NULL);
	}
	ask = ask_new(sql, scope, params, n);
	ask->answer = answer;
	ask->owner = owner;
	ask->ended = &ended;
	if (!ask->heavy)
		queue_add(ask);
	else if ((turn = heavy_wait(&ask->turn)) != OK)
		ask_end(ask, turn, NULL);
	if (ended)
		return (NULL);
	ask->ended = NULL;
	return (ask);
}

void
db_abandon(struct db_ask *ask)
{
	if (ask->state == ASK_RUNNING) {
		ask->answer = NULL;
		return;
	}
	if (ask->state == ASK_TURN)
		heavy_cancel(&ask->turn);
	else
		fair_remove(pool.queue, &ask->item);
	ask_leave(ask);
	free(ask);
}
