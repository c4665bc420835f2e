/*
 * Rows of a PGresult, and the mapping of SQLSTATE to outcomes. Used inside
 * src/db/ only.
 */
#ifndef DB_ROWS_H
#define DB_ROWS_H

#include <libpq-fe.h>

#include "db/db.h"

/* Sets the scope of row-level security and the search path until the end of
 * the transaction. */
#define SCOPE_SETTINGS	6
#define SCOPE_SQL						\
	"select set_config('app.tenant', $1, true), "		\
	"set_config('app.account', $2, true), "			\
	"set_config('app.team', $3, true), "			\
	"set_config('app.person', $4, true), "			\
	"set_config('app.session', $5, true), "			\
	"set_config('search_path', $6, true)"

/* The same for the pool, with a limit of the running time ($7). JIT would take
 * longer than a query. */
#define POOL_SCOPE_SETTINGS	(SCOPE_SETTINGS + 1)
#define POOL_SCOPE_SQL	SCOPE_SQL ", "				\
	"set_config('statement_timeout', $7, true), "		\
	"set_config('idle_in_transaction_session_timeout', "	\
	"'10000', true), set_config('jit', 'off', true)"

/* Stores the parameters of SCOPE_SQL, which point into the scope. NULL, also a
 * NULL scope, becomes "". */
void		 scope_values(const struct db_scope *,
		    const char *values[SCOPE_SETTINGS]);

/* Makes rows, which own the result. Returns NULL for NULL. */
struct db_rows	*rows_new(PGresult *);
/* Frees the rows unless db_keep() was called. */
void		 rows_release(struct db_rows *);

/* Outcome of a query. Logs FAILED with the name and the SQLSTATE, without the
 * message, which may repeat a parameter. Without a name logs nothing. */
enum result	 rows_outcome(const PGresult *, const char *name);

/* Returns whether the statement was canceled, which its timeout does
 * (query_canceled, 57014). */
bool		 rows_canceled(const PGresult *);

/* Writes libpq's message why a connection failed as one line, and returns it:
 * "…; …" when each host has its own. */
#define REASON_SIZE	600
const char	*reason_text(const char *message, char out[REASON_SIZE]);

/* For commands, which print rows_problem(): db_run() logs nothing. */
void		 db_quiet(struct db *);
/* What a constraint noticed, as a sentence; otherwise PostgreSQL's error
 * message. Valid until the next call, or as long as the rows. It may repeat a
 * parameter, so it may go to the terminal of the user who gave it but never to
 * a log. */
const char	*rows_problem(const struct db_rows *);

#endif
