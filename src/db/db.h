/*
 * PostgreSQL: only src/db/ uses libpq. A query is a file src/<dir>/<name>.sql;
 * callers use its constant SQL_<DIR>_<NAME>, which conf/embed generates, and
 * pass text parameters.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fair.h"
#include "base/loop.h"
#include "base/result.h"
#include "db/catalogue.h"	/* generated: enum sql */

#define DB_PARAMS_MAX	16

/* Settings of a transaction, most of them for row-level security: NULL means
 * "", which matches no rows. And whose query it is, for its turn. */
struct db_scope {
	const char	*tenant;	/* app.tenant: id of the tenant */
	const char	*account;	/* app.account: id of the account */
	const char	*team;		/* app.team: "all", sites "{1,2}", "" */
	const char	*person;	/* app.person: id of the person */
	const char	*session;	/* app.session: for the access log */
	int64_t		 limit_ms;	/* of the running query, at most
					 * timeout_ms; beyond: TOO_SLOW. 0: it
					 * has no limit of its own */
	struct fair_key	 key;		/* {0}: the program's own */
	bool		 heavy;		/* waits for its turn, base/heavy.h */
};

/* Rows of a result. Texts are valid as long as the rows. All functions below
 * accept NULL as no rows. */
struct db_rows;
int		 db_count(const struct db_rows *);
/* Value of a named column, NULL for SQL null. Ends the process when the query
 * has no such column. */
const char	*db_text(const struct db_rows *, int row, const char *column);
/* Value of a column by its index, from 0. */
const char	*db_value(const struct db_rows *, int row, int column);
int		 db_columns(const struct db_rows *);
/* Name of a column. */
const char	*db_column(const struct db_rows *, int column);
/* Length of a value in bytes. */
size_t		 db_length(const struct db_rows *, int row, int column);
/* Makes the caller the owner of rows that were passed to a db_answer; the
 * caller frees them with db_rows_free(). */
struct db_rows	*db_keep(struct db_rows *);
void		 db_rows_free(struct db_rows *);

/*
 * Outcome of a query:
 *   OK           rows may be empty
 *   INVALID/NOT_FOUND/DENIED/CONFLICT  raised by the SQL of the program with
 *                SQLSTATE SR400, SR404, SR403, SR409; db_message() returns
 *                the message for the user
 *   UNAVAILABLE  no connection; connection lost (whether a running COMMIT
 *                took effect is then unknown); 2 s in the queue;
 *                timeout_ms of running time; deadlock
 *   TOO_SLOW     limit_ms of running time
 *   CROWDED      the customer, or the stranger's network, has as many queries
 *                waiting or running as it may
 *   BUSY         a heavy query waited too long behind others; the queue of the
 *                program's own queries is full
 *   FAILED       any other SQL error; logged with the name of the query and
 *                the SQLSTATE, never with parameters
 *
 * A db_answer receives the result. The rows are freed when it returns unless
 * it called db_keep().
 */
typedef void (*db_answer)(void *owner, enum result, struct db_rows *rows);
const char	*db_message(const struct db_rows *);
/* The field that SR400 names (PG_DIAG_COLUMN_NAME), or NULL. */
const char	*db_field(const struct db_rows *);

/* --- asynchronous, on the event loop of a worker ------------------------- */

struct db_ask;

/* How the pool connects. The strings must never be freed. */
struct db_options {
	const char	*conninfo;
	unsigned	 connections;
	bool		 prepared;	/* named statements; false: none, for a
					 * pooler that shares connections */
	int64_t		 timeout_ms;	/* limit of a running query */
};

/* Starts to connect the pool of the process; does not block. Lost connections
 * reconnect. Host names are resolved on a thread, again at each attempt. */
void		 db_start(struct loop *loop, const struct db_options *);
/* Runs a query in one round trip: BEGIN, scope, the prepared query, COMMIT.
 * Queries wait in a fair queue; those of one customer run on three eighths of
 * the connections at most, those of one person on a quarter, those of all
 * strangers on half of them; heavy ones leave half of them free. Copies the
 * parameters. Calls answer exactly once, later on the loop, unless the query is
 * cancelled. When the query cannot be queued, calls answer before it returns
 * NULL. answer may be NULL. */
struct db_ask	*db_send(enum sql, const struct db_scope *,
		    const char *const *params, int n, db_answer, void *owner);
/* Durations of a query, in microseconds: in the queue, and running. */
struct db_times {
	int64_t	 waiting, running;
};
/* Durations so far; NULL: those of the query whose answer is being called. */
struct db_times	 db_times(const struct db_ask *);
/* Cancels a query: its answer is not called. A running query is not stopped.
 * Do not call it after the answer. */
void		 db_abandon(struct db_ask *);
/* Returns whether at least one connection is up. */
bool		 db_up(void);
/* Asks the pool of db_start() for the schema: every few seconds, and more often
 * while something is wrong. Call it once in a process. */
void		 db_ready_start(struct loop *loop);
/* Returns NULL when the database can be used; otherwise "database" or
 * "schema". */
const char	*db_unready(void);

/* --- synchronous, for commands and jobs --------------------------------- */

struct db;

/* Connects. Returns NULL when the database is unreachable or not migrated to
 * this release, and sets *why to a sentence that the caller frees. */
struct db	*db_open(const char *conninfo, char **why);
/* Like db_open(), without a check of the schema. */
struct db	*db_connect(const char *conninfo, char **why);
/* Returns NULL when the database has the functions of this binary. Otherwise
 * returns a sentence that says what to do; the caller frees it. */
char		*db_problem(struct db *);
/* Roles of migrations/0001_roles.sql. */
#define ROLE_APP	"smartrecord_app"
#define ROLE_JOBS	"smartrecord_jobs"
/* For processes that stay. Returns false when the database is wrong: it refuses
 * this user or this connection, lacks the functions of this binary, or does not
 * give this user the rights of the role. *why is then a sentence that the
 * caller frees. A database that can't be reached is logged and no error:
 * workers reconnect. */
bool		 db_fits(const char *conninfo, const char *role,
		    char **why);
/* Runs a query, with the outcomes above. The caller frees *rows with
 * db_rows_free(), also after an error (they have db_message()). scope may be
 * NULL. */
enum result	 db_run(struct db *, enum sql, const struct db_scope *,
		    const char *const *params, int n, struct db_rows **rows);
/* Runs a text of several statements, without a transaction of its own. Returns
 * OK, or another outcome with *why set to a message that the caller frees; BUSY
 * when a lock was not granted within lock_timeout. */
enum result	 db_script(struct db *, const char *sql, char **why);
void		 db_close(struct db *);

/* Name ("recordings/search") and text of a query. */
const char	*sql_name(enum sql);
const char	*sql_text(enum sql);
/* sql_check() ends the process unless the query has n parameters.
 * sql_check_all() ends it if a query has more than DB_PARAMS_MAX. */
void		 sql_check(enum sql, int n);
void		 sql_check_all(void);

#endif
