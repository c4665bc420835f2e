/*
 * The one door to PostgreSQL. Features name a SQL file (the catalogue is
 * made from src/<feature>/<name>.sql: SQL_RECORDINGS_SEARCH) and pass text
 * parameters; they never see libpq.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"
#include "base/result.h"
#include "db/catalogue.h"	/* generated: enum sql */

#define DB_PARAMS_MAX	16

/* What row-level security goes by; set inside each transaction. All text;
 * NULL is "": no rows. */
struct db_scope {
	const char	*tenant;	/* app.tenant: customer's id */
	const char	*account;	/* app.account: own account's id */
	const char	*team;		/* app.team: "all", "{1,2}" sites, "" */
	const char	*person;	/* app.person */
	const char	*session;	/* app.session: for the access log */
};

/* The answer, borrowed: valid during the call only. NULL: nothing came, and
 * all the functions below take that as no rows. */
struct db_rows;
int		 db_count(const struct db_rows *);
/* NULL for SQL null. */
const char	*db_value(const struct db_rows *, int row, int column);
int		 db_columns(const struct db_rows *);
/* Name of the column. */
const char	*db_column(const struct db_rows *, int column);
size_t		 db_length(const struct db_rows *, int row, int column);
/* Hands the rows over to the caller: they live until db_rows_free(). */
struct db_rows	*db_keep(struct db_rows *);
void		 db_rows_free(struct db_rows *);

/*
 * Outcome of a question:
 *   OK           rows may be empty
 *   INVALID/NOT_FOUND/DENIED/CONFLICT  raised by our own SQL with SQLSTATE
 *                SR400, SR404, SR403, SR409; the message, for people, is in
 *                db_message()
 *   UNAVAILABLE  no connection, connection lost (what became of a COMMIT in
 *                flight is then unknown), the queue waited 2 s, the statement
 *                took 3 s, a deadlock
 *   BUSY         the queue is full
 *   FAILED       any other SQL error: logged by db/ with the query's name
 *                and SQLSTATE, never its parameters
 */
typedef void (*db_answer)(void *owner, enum result, struct db_rows *rows);
const char	*db_message(const struct db_rows *);
/* Field named by SR400 (PG_DIAG_COLUMN_NAME), or NULL. */
const char	*db_field(const struct db_rows *);

/* --- asynchronous, inside a worker's loop ------------------------------- */

struct db_ask;

/* Starts connecting; returns at once. Connections come back by themselves.
 * One pool a process. conninfo is borrowed for ever; the server options in
 * it are replaced by ours. A host's name is looked up blocking: give an
 * address or a socket. */
void		 db_start(struct loop *loop, const char *conninfo,
		    unsigned connections);
/* One round trip: BEGIN, scope, the prepared query, COMMIT. Parameters are
 * copied. answer is called later, on the loop, exactly once, unless the ask
 * is abandoned; when the question can't be queued it is called before
 * returning, and NULL comes back. answer NULL: nobody waits for it. */
struct db_ask	*db_send(enum sql, const struct db_scope *,
		    const char *const *params, int n, db_answer, void *owner);
/* The owner is gone: the answer will be thrown away. Not after it came. */
void		 db_abandon(struct db_ask *);
/* true: at least one connection is up (readyz). */
bool		 db_up(void);

/* --- synchronous, for commands and jobs --------------------------------- */

struct db;

/* NULL: *why is a sentence (malloc'd). */
struct db	*db_open(const char *conninfo, char **why);
/* Same outcomes; *rows is owned by the caller (db_rows_free), also on
 * errors, for db_message(). scope may be NULL. */
enum result	 db_run(struct db *, enum sql, const struct db_scope *,
		    const char *const *params, int n, struct db_rows **rows);
/* Several statements of a migration as one text; the script's own BEGIN. */
enum result	 db_script(struct db *, const char *sql, char **why);
void		 db_close(struct db *);

/* Name ("recordings/search") and text of a catalogued statement. */
const char	*sql_name(enum sql);
const char	*sql_text(enum sql);

#endif
