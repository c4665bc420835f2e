/*
 * Rows of a PGresult, and the mapping of SQLSTATE to outcomes. All functions
 * accept NULL as no rows, so callers need not check.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "db/constraint.h"
#include "db/db.h"
#include "db/release.h"
#include "db/rows.h"

struct db_rows {
	PGresult	*result;
	bool		 kept;	/* db_keep() was called */
};

void
scope_values(const struct db_scope *scope, const char *values[SCOPE_SETTINGS])
{
	static const struct db_scope	nobody;
	int				i;

	if (scope == NULL)
		scope = &nobody;
	values[0] = scope->tenant;
	values[1] = scope->account;
	values[2] = scope->team;
	values[3] = scope->person;
	values[4] = scope->session;
	values[5] = release_search_path();
	for (i = 0; i < SCOPE_SETTINGS; i++)
		if (values[i] == NULL)
			values[i] = "";
}

struct db_rows *
rows_new(PGresult *result)
{
	struct db_rows	*rows;

	if (result == NULL)
		return (NULL);
	if ((rows = calloc(1, sizeof(*rows))) == NULL)
		log_fatal("event=out_of_memory");
	rows->result = result;
	return (rows);
}

void
rows_release(struct db_rows *rows)
{
	if (rows != NULL && !rows->kept)
		db_rows_free(rows);
}

int
db_count(const struct db_rows *rows)
{
	return (rows == NULL ? 0 : PQntuples(rows->result));
}

const char *
db_value(const struct db_rows *rows, int row, int column)
{
	if (row >= db_count(rows) || PQgetisnull(rows->result, row, column))
		return (NULL);
	return (PQgetvalue(rows->result, row, column));
}

const char *
db_text(const struct db_rows *rows, int row, const char *column)
{
	int	n;

	if (row >= db_count(rows))
		return (NULL);
	if ((n = PQfnumber(rows->result, column)) == -1)
		log_fatal("event=no_column column=%s", column);
	return (db_value(rows, row, n));
}

int
db_columns(const struct db_rows *rows)
{
	return (rows == NULL ? 0 : PQnfields(rows->result));
}

const char *
db_column(const struct db_rows *rows, int column)
{
	return (PQfname(rows->result, column));
}

size_t
db_length(const struct db_rows *rows, int row, int column)
{
	if (row >= db_count(rows))
		return (0);
	return ((size_t)PQgetlength(rows->result, row, column));
}

struct db_rows *
db_keep(struct db_rows *rows)
{
	if (rows != NULL)
		rows->kept = true;
	return (rows);
}

void
db_rows_free(struct db_rows *rows)
{
	if (rows == NULL)
		return;
	PQclear(rows->result);
	free(rows);
}

static const char *
sqlstate(const PGresult *result)
{
	const char	*state;

	state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	return (state == NULL ? "" : state);
}

const char *
db_message(const struct db_rows *rows)
{
	if (rows == NULL || strncmp(sqlstate(rows->result), "SR4", 3) != 0)
		return (NULL);
	return (PQresultErrorField(rows->result, PG_DIAG_MESSAGE_PRIMARY));
}

const char *
db_field(const struct db_rows *rows)
{
	if (rows == NULL)
		return (NULL);
	return (PQresultErrorField(rows->result, PG_DIAG_COLUMN_NAME));
}

const char *
rows_problem(const struct db_rows *rows)
{
	static char	 sentence[256];
	const char	*text = NULL;

	if (rows != NULL && constraint_sentence(rows->result, sentence,
	    sizeof(sentence)))
		return (sentence);
	if (rows != NULL)
		text = PQresultErrorField(rows->result,
		    PG_DIAG_MESSAGE_PRIMARY);
	return (text == NULL ? "the database went away" : text);
}

/* A state of two characters is a class of SQLSTATEs (PostgreSQL 15,
 * appendix A). */
static const struct {
	const char	*state;
	enum result	 outcome;
} outcomes[] = {
	{ "SR400", INVALID },
	{ "SR403", DENIED },
	{ "SR404", NOT_FOUND },
	{ "SR409", CONFLICT },
	{ "08", UNAVAILABLE },	/* connection exception */
	{ "40", UNAVAILABLE },	/* deadlock, serialization failure */
	{ "53", UNAVAILABLE },	/* insufficient resources */
	{ "57", UNAVAILABLE },	/* shutdown, statement timeout */
};

enum result
rows_outcome(const PGresult *result, const char *name)
{
	const char	*state = sqlstate(result);
	enum result	 outcome = FAILED;
	size_t		 i;

	switch (PQresultStatus(result)) {
	case PGRES_TUPLES_OK:
	case PGRES_COMMAND_OK:
		return (OK);
	default:
		break;
	}
	for (i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		if (strncmp(state, outcomes[i].state,
		    strlen(outcomes[i].state)) == 0)
			outcome = outcomes[i].outcome;
	if (name != NULL && strncmp(state, "SR", 2) != 0)
		log_error("event=sql_error query=%s sqlstate=%s", name,
		    state[0] == '\0' ? "none" : state);
	return (outcome);
}

bool
rows_canceled(const PGresult *result)
{
	return (strcmp(sqlstate(result), "57014") == 0);
}

const char *
reason_text(const char *message, char out[REASON_SIZE])
{
	size_t	n = 0, line;

	out[0] = '\0';
	for (; *message != '\0' && n < REASON_SIZE - 4; message += line) {
		message += strspn(message, "\t\n");
		line = strcspn(message, "\n");
		if (line > 0)
			n += (size_t)snprintf(out + n, REASON_SIZE - n,
			    "%s%.*s", n == 0 ? "" : "; ", (int)line, message);
	}
	return (out);
}
