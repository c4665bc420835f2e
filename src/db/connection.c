/*
 * One connection of the pool; see connection.h. It reports through the two
 * callbacks of the pool, answered and idle.
 */
#include <fcntl.h>
#include <libpq-fe.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/connection.h"

#define CONNECT_MS	5000	/* limit of connecting or resetting */
#define GRACE_MS	2000	/* after the server's limit of a query */
#define BACKOFF_MIN_MS	100
#define BACKOFF_MAX_MS	3000

static void	connection_down(struct connection *, const char *);
static void	connection_ready(void *, int);

bool
connection_up(const struct connection *c)
{
	return (c->state >= CONNECTION_RESETTING);
}

/*
 * Watches a duplicate of libpq's socket. libpq may close its socket at any
 * time, and the number could then belong to another file. If no descriptor is
 * available, the deadline of the state closes the connection.
 */
static void
connection_watch(struct connection *c, int events)
{
	if (c->watch.fd == -1)
		c->watch.fd = fcntl(PQsocket(c->pg), F_DUPFD_CLOEXEC, 0);
	if (c->watch.fd == -1)
		return;
	c->watch.arg = c;
	c->watch.ready = connection_ready;
	c->loop->watch(&c->watch, events);
}

static void
connection_unwatch(struct connection *c)
{
	if (c->watch.fd == -1)
		return;
	c->loop->unwatch(&c->watch);
	close(c->watch.fd);
	c->watch.fd = -1;
}

/* Notices are discarded, because they may repeat a parameter. */
static void
connection_ignore_notice(void *arg, const PGresult *result)
{
	(void)arg;
	(void)result;
}

/* Logs why connecting failed. libpq's message contains host, user and
 * database, but no password. */
static void
connection_refused(struct connection *c)
{
	char	why[REASON_SIZE];

	connection_down(c, reason_text(PQerrorMessage(c->pg), why));
}

/* Starts libpq. Defaults stand before the connection string, which may set
 * them otherwise. GSSAPI is off: it would read files that workers may not. */
static void
connection_start(struct connection *c)
{
	static const char *const keys[] = { "gssencmode",
	    "fallback_application_name", "dbname", "client_encoding", "host",
	    "hostaddr", "port", NULL };
	const char *const values[] = { "disable", "smartrecord",
	    c->options->conninfo, "UTF8", c->hosts.host, c->hosts.hostaddr,
	    c->hosts.port, NULL };

	c->state = CONNECTION_CONNECTING;
	c->pg = PQconnectStartParams(keys, values, 1);
	if (c->pg == NULL || PQstatus(c->pg) == CONNECTION_BAD) {
		connection_refused(c);
		return;
	}
	PQsetNoticeReceiver(c->pg, connection_ignore_notice, NULL);
	connection_watch(c, LOOP_WRITE);
}

/* On the thread of the resolver. */
static void
resolve_run(struct job *job)
{
	struct connection	*c = (struct connection *)((char *)job -
				    offsetof(struct connection, job));

	c->unresolved = NULL;
	(void)conninfo_resolve(c->options->conninfo, c->attempt, &c->hosts,
	    &c->unresolved);
}

static void
resolve_done(struct job *job)
{
	struct connection	*c = (struct connection *)((char *)job -
				    offsetof(struct connection, job));
	char			*why = c->unresolved;

	c->resolving = false;
	c->unresolved = NULL;
	if (c->state == CONNECTION_RESOLVING && why == NULL)
		connection_start(c);
	else if (c->state == CONNECTION_RESOLVING)
		connection_down(c, why);
	free(why);
}

void
connection_open(struct connection *c)
{
	c->deadline = clock_mono_ms() + CONNECT_MS;
	if (c->resolver == NULL) {
		connection_start(c);
		return;
	}
	c->state = CONNECTION_RESOLVING;
	if (c->resolving)	/* late: its result is that of this attempt */
		return;
	c->resolving = true;
	c->attempt++;
	c->job.run = resolve_run;
	c->job.done = resolve_done;
	pool_resubmit(c->resolver, &c->job);
}

/* Closes the connection and sets when to reconnect. A running query ends with
 * UNAVAILABLE. */
static void
connection_down(struct connection *c, const char *why)
{
	struct db_ask	*lost = c->ask;

	if (c->backoff == 0)
		log_warn("event=db_down connection=%u why=\"%s\"",
		    c->number, why);
	connection_unwatch(c);
	PQclear(c->result);
	PQfinish(c->pg);
	c->result = NULL;
	c->pg = NULL;
	c->ask = NULL;
	memset(c->prepared, 0, sizeof(c->prepared));
	c->state = CONNECTION_DOWN;
	c->backoff = c->backoff == 0 ? BACKOFF_MIN_MS : 2 * c->backoff;
	if (c->backoff > BACKOFF_MAX_MS)
		c->backoff = BACKOFF_MAX_MS;
	c->deadline = clock_mono_ms() + c->backoff;
	if (lost != NULL)
		c->answered(lost, UNAVAILABLE, NULL);
}

/* Sends the buffered messages. Returns false when the connection was lost. */
static bool
connection_flush(struct connection *c)
{
	int	left, events;

	if ((left = PQflush(c->pg)) < 0) {
		connection_down(c, "cannot send");
		return (false);
	}
	events = left == 0 ? LOOP_READ : LOOP_READ | LOOP_WRITE;
	if (c->watch.events != events)
		connection_watch(c, events);
	return (true);
}

/*
 * Ends the transaction. With named statements, drops them all, then prepares
 * the three that every query uses. Runs after connecting and after an error.
 */
static void
connection_reset(struct connection *c)
{
	static const char *const	plain[] = { "rollback",
	    "deallocate all" };
	static const char *const	prepared[][2] = { { "begin", "begin" },
	    { "scope", POOL_SCOPE_SQL }, { "commit", "commit" } };
	bool				named = c->options->prepared;
	size_t				i;
	int				ok = 1;

	c->state = CONNECTION_RESETTING;
	c->deadline = clock_mono_ms() + CONNECT_MS;
	c->results = 0;
	c->wanted = -1;
	memset(c->prepared, 0, sizeof(c->prepared));
	for (i = 0; i < (named ? 2 : 1); i++)
		ok = ok && PQsendQueryParams(c->pg, plain[i], 0, NULL, NULL,
		    NULL, NULL, 0);
	for (i = 0; i < (named ? 3 : 0); i++)
		ok = ok && PQsendPrepare(c->pg, prepared[i][0], prepared[i][1],
		    0, NULL);
	if (!ok || !PQpipelineSync(c->pg))
		connection_down(c, "cannot reset");
	else
		(void)connection_flush(c);
}

static void
connection_connect(struct connection *c)
{
	PostgresPollingStatusType	polled;

	/* libpq may change its socket while it connects */
	connection_unwatch(c);
	polled = PQconnectPoll(c->pg);
	if (polled == PGRES_POLLING_READING)
		connection_watch(c, LOOP_READ);
	else if (polled == PGRES_POLLING_WRITING)
		connection_watch(c, LOOP_WRITE);
	else if (polled == PGRES_POLLING_OK &&
	    PQsetnonblocking(c->pg, 1) == 0 && PQenterPipelineMode(c->pg) == 1)
		connection_reset(c);
	else
		connection_refused(c);
}

/* Sends a statement by its name, or by its text without named statements. */
static bool
send_statement(struct connection *c, const char *name, const char *text, int n,
    const char *const *params)
{
	if (c->options->prepared)
		return (PQsendQueryPrepared(c->pg, name, n, params, NULL, NULL,
		    0) == 1);
	return (PQsendQueryParams(c->pg, text, n, NULL, params, NULL, NULL,
	    0) == 1);
}

/* Returns the limit of a query's running time. */
static int64_t
query_limit(const struct connection *c, const struct db_ask *ask)
{
	return (ask->limit_ms > 0 && ask->limit_ms < c->options->timeout_ms ?
	    ask->limit_ms : c->options->timeout_ms);
}

static bool
send_query(struct connection *c, const struct db_ask *ask)
{
	const char	*name = sql_name(ask->sql), *text = sql_text(ask->sql);
	const char	*scope[POOL_SCOPE_SETTINGS];
	char		 timeout[24];

	memcpy(scope, ask->scope, sizeof(ask->scope));
	(void)snprintf(timeout, sizeof(timeout), "%lld",
	    (long long)query_limit(c, ask));
	scope[SCOPE_SETTINGS] = timeout;
	if (!send_statement(c, "begin", "begin", 0, NULL) ||
	    !send_statement(c, "scope", POOL_SCOPE_SQL, POOL_SCOPE_SETTINGS,
	    scope))
		return (false);
	c->results = 0;
	c->wanted = 2;
	if (c->options->prepared && !c->prepared[ask->sql]) {
		if (PQsendPrepare(c->pg, name, text, 0, NULL) != 1)
			return (false);
		c->prepared[ask->sql] = true;
		c->wanted = 3;
	}
	return (send_statement(c, name, text, ask->n, ask->params) &&
	    send_statement(c, "commit", "commit", 0, NULL) &&
	    PQpipelineSync(c->pg) == 1);
}

bool
connection_ask(struct connection *c, struct db_ask *ask)
{
	c->state = CONNECTION_BUSY;
	c->deadline = clock_mono_ms() + query_limit(c, ask) + GRACE_MS;
	if (!send_query(c, ask)) {
		connection_down(c, "cannot send");
		return (false);
	}
	if (!connection_flush(c))
		return (false);
	c->ask = ask;
	return (true);
}

/* The Sync was answered: the query, or the reset, is complete. */
static void
connection_synced(struct connection *c)
{
	struct db_ask	*ask = c->ask;
	PGresult	*result = c->result;
	bool		 reset = c->state == CONNECTION_RESETTING;
	enum result	 outcome;

	if (reset && (result != NULL ||
	    PQtransactionStatus(c->pg) != PQTRANS_IDLE)) {
		connection_down(c, "cannot reset");
		return;
	}
	c->ask = NULL;
	c->result = NULL;
	if (reset) {
		if (c->backoff != 0)
			log_info("event=db_up connection=%u", c->number);
		c->backoff = 0;
		c->state = CONNECTION_IDLE;
		c->idle(c);
		return;
	}
	outcome = ask->limit_ms != 0 && rows_canceled(result) ? TOO_SLOW :
	    rows_outcome(result, sql_name(ask->sql));
	if (outcome == OK && PQtransactionStatus(c->pg) == PQTRANS_IDLE)
		c->state = CONNECTION_IDLE;
	else
		connection_reset(c);
	/* gives back the share of its customer, which the next may need */
	c->answered(ask, outcome, result);
	c->idle(c);
}

/* Keeps or frees one result of a command. The first error becomes the result
 * of the query; the server skips all commands after it. */
static void
connection_result(struct connection *c, PGresult *result)
{
	ExecStatusType	status = PQresultStatus(result);
	bool		failed;

	failed = status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK;
	if (status != PGRES_PIPELINE_ABORTED &&
	    (failed || c->results == c->wanted)) {
		PQclear(c->result);
		c->result = result;
	} else
		PQclear(result);
	c->results++;
}

static void
connection_read(struct connection *c)
{
	PGresult	*result;

	if (PQconsumeInput(c->pg) == 0) {
		connection_down(c, "lost");
		return;
	}
	while ((c->state == CONNECTION_BUSY ||
	    c->state == CONNECTION_RESETTING) && PQisBusy(c->pg) == 0) {
		if ((result = PQgetResult(c->pg)) == NULL) {
			if (PQstatus(c->pg) == CONNECTION_BAD)
				connection_down(c, "lost");
			continue;	/* between two commands */
		}
		if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
			PQclear(result);
			connection_synced(c);
		} else
			connection_result(c, result);
	}
}

static void
connection_ready(void *arg, int events)
{
	struct connection	*c = arg;

	(void)events;
	if (c->state == CONNECTION_CONNECTING)
		connection_connect(c);
	else if (connection_up(c)) {
		connection_read(c);	/* may also start the next query */
		if (connection_up(c))
			(void)connection_flush(c);
	}
}

void
connection_tick(struct connection *c, int64_t now)
{
	if (c->state == CONNECTION_IDLE)
		return;
	if (now >= c->deadline) {
		if (c->state == CONNECTION_DOWN)
			connection_open(c);
		else
			connection_down(c, c->state == CONNECTION_BUSY ?
			    "no answer in time" : "no connection in time");
	} else if (c->state >= CONNECTION_RESETTING) {
		/* TLS may have buffered bytes that poll does not report */
		connection_read(c);
	}
}
