/*
 * What PostgreSQL answered, for the rest of db/ only: rows over a PGresult
 * and the one mapping of SQLSTATE to outcomes. Knows no connection.
 */
#ifndef DB_ROWS_H
#define DB_ROWS_H

#include <libpq-fe.h>

#include "db/db.h"

/* Sets what row-level security goes by, in one statement of text
 * parameters; true: for this transaction only. */
#define SCOPE_SETTINGS	5
#define SCOPE_SQL						\
	"select set_config('app.tenant', $1, true), "		\
	"set_config('app.account', $2, true), "			\
	"set_config('app.team', $3, true), "			\
	"set_config('app.person', $4, true), "		\
	"set_config('app.session', $5, true)"

/* The values; "" for what is NULL, and for a NULL scope. Borrowed. */
void		 scope_values(const struct db_scope *,
		    const char *values[SCOPE_SETTINGS]);

/* Rows that own the result. NULL result: NULL. */
struct db_rows	*rows_new(PGresult *);
/* Frees them unless somebody called db_keep(). */
void		 rows_release(struct db_rows *);

/* Outcome of the statement; logs what is our fault: name and SQLSTATE, never
 * the message, which may repeat a parameter. */
enum result	 rows_outcome(const PGresult *, const char *name);

/* PostgreSQL's sentence, which may repeat a parameter: for the terminal of
 * whoever gave it, never for a log. */
const char	*rows_problem(const struct db_rows *);

#endif
