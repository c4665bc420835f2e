/*
 * One blocking connection, for commands and jobs. After a lost connection the
 * next query reconnects, so that a job only needs to retry.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "db/db.h"
#include "db/rows.h"

struct db {
	PGconn	*pg;
	bool	 quiet;		/* failed queries are not logged */
};

void
db_quiet(struct db *db)
{
	db->quiet = true;
}

static void
sync_ignore_notice(void *arg, const PGresult *result)
{
	(void)arg;
	(void)result;
}

/* libpq's error message, which the caller frees. */
static char *
pg_reason(const PGconn *pg)
{
	char	why[REASON_SIZE];
	char	*copy;

	if ((copy = strdup(reason_text(PQerrorMessage(pg), why))) == NULL)
		log_fatal("event=out_of_memory");
	return (copy);
}

struct db *
db_connect(const char *conninfo, char **why)
{
	/* defaults first: the connection string may set them otherwise */
	static const char *const keys[] = { "connect_timeout", "gssencmode",
	    "fallback_application_name", "dbname", "client_encoding", NULL };
	const char *const values[] = { "5", "disable", "smartrecord", conninfo,
	    "UTF8", NULL };
	struct db	*db;

	if ((db = calloc(1, sizeof(*db))) == NULL)
		log_fatal("event=out_of_memory");
	db->pg = PQconnectdbParams(keys, values, 1);
	if (PQstatus(db->pg) != CONNECTION_OK) {
		*why = pg_reason(db->pg);
		db_close(db);
		return (NULL);
	}
	PQsetNoticeReceiver(db->pg, sync_ignore_notice, NULL);
	return (db);
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	PQfinish(db->pg);
	free(db);
}

/* Runs one statement, frees *result and stores the new one. Returns whether it
 * succeeded. */
static bool
execute(struct db *db, const char *sql, int n, const char *const *params,
    PGresult **result)
{
	PGresult	*answer;
	ExecStatusType	 status;

	answer = PQexecParams(db->pg, sql, n, NULL, params, NULL, NULL, 0);
	status = PQresultStatus(answer);
	PQclear(*result);
	*result = answer;
	return (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK);
}

enum result
db_run(struct db *db, enum sql sql, const struct db_scope *scope,
    const char *const *params, int n, struct db_rows **rows)
{
	const char	*values[SCOPE_SETTINGS];
	PGresult	*result = NULL, *end = NULL;
	enum result	 outcome = UNAVAILABLE;
	bool		 ok;

	*rows = NULL;
	sql_check(sql, n);
	if (PQstatus(db->pg) != CONNECTION_OK)
		PQreset(db->pg);
	scope_values(scope, values);
	ok = execute(db, "begin", 0, NULL, &result) &&
	    execute(db, SCOPE_SQL, SCOPE_SETTINGS, values, &result) &&
	    execute(db, sql_text(sql), n, params, &result);
	if (!execute(db, ok ? "commit" : "rollback", 0, NULL, &end) && ok) {
		PQclear(result);
		result = end;
		end = NULL;
	}
	if (PQstatus(db->pg) == CONNECTION_OK)
		outcome = rows_outcome(result, db->quiet ? NULL :
		    sql_name(sql));
	PQclear(end);
	*rows = rows_new(result);
	return (outcome);
}

/* "line 12: syntax error at or near …"; the caller frees it. */
static char *
script_problem(const PGconn *pg, const PGresult *result, const char *sql)
{
	const char	*position, *message;
	struct buf	 b = { 0 };
	long		 left;
	int		 line = 1;

	message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	if (message == NULL)
		return (pg_reason(pg));
	position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
	if (position != NULL) {
		left = strtol(position, NULL, 10);
		/* The position counts characters, not bytes; the line may be
		 * slightly too low after non-ASCII text. */
		for (; *sql != '\0' && left > 1; sql++, left--)
			line += *sql == '\n';
		buf_printf(&b, "line %d: ", line);
	}
	buf_puts(&b, message);
	return (b.data);
}

/* BUSY: a lock was not granted within lock_timeout (PostgreSQL 15, table
 * A.1, 55P03). */
static enum result
script_outcome(const PGconn *pg, const PGresult *result)
{
	const char	*state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (PQstatus(pg) != CONNECTION_OK)
		return (UNAVAILABLE);
	return (state != NULL && strcmp(state, "55P03") == 0 ? BUSY : FAILED);
}

enum result
db_script(struct db *db, const char *sql, char **why)
{
	PGresult	*result;
	enum result	 outcome = OK;
	ExecStatusType	 status;

	result = PQexec(db->pg, sql);
	status = PQresultStatus(result);
	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK &&
	    status != PGRES_EMPTY_QUERY) {
		*why = script_problem(db->pg, result, sql);
		outcome = script_outcome(db->pg, result);
	}
	PQclear(result);
	return (outcome);
}
