/*
 * The schema of the database: whether it has the functions of this binary, and
 * how they are created.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/embedded.h"
#include "base/version.h"
#include "db/release.h"
#include "db/schema.h"

struct installing {
	struct db	*db;
	const char	*name;	/* of the current file */
	enum result	 result;
	char		*why;
};

static bool
install_run(struct installing *in, const char *name, const char *sql)
{
	in->name = name;
	return ((in->result = db_script(in->db, sql, &in->why)) == OK);
}

static bool
install_script(struct installing *in, const char *name)
{
	return (install_run(in, name, embedded_get(name)->bytes));
}

/* Creates the functions of a file. A function may call one that is created
 * later; functions_check.sql checks the bodies when all exist. */
static bool
install_file(const struct embedded *file, void *arg)
{
	return (install_run(arg, file->name, file->bytes) &&
	    install_run(arg, file->name, "set local role none"));
}

/* Sets the settings that the scripts read, until the end of the transaction. */
static bool
install_begin(struct installing *in)
{
	struct buf	b = { 0 };
	bool		ok;

	buf_printf(&b, "begin; "
	    "select set_config('smartrecord.functions', '%s', true), "
	    "set_config('smartrecord.version', '" VERSION "', true), "
	    "set_config('search_path', '%s', true), "
	    "set_config('check_function_bodies', 'off', true)",
	    release_schema(), release_search_path());
	ok = install_run(in, "the database", b.data) &&
	    install_script(in, "src/db/scripts/functions_begin.sql");
	buf_dispose(&b);
	return (ok);
}

static bool
install_all(struct installing *in)
{
	return (install_begin(in) && release_files(install_file, in) &&
	    install_script(in, "src/db/scripts/functions_check.sql") &&
	    install_script(in, "src/db/scripts/functions_end.sql") &&
	    install_run(in, "the database", "commit"));
}

/* The answer of release_find.sql. */
struct look {
	bool	there;		/* the schema of this binary exists */
	bool	known;		/* this role may read the releases */
};

/* Returns false on an error. */
static bool
schema_look(struct db *db, struct look *look)
{
	const char	*params[1] = { release_schema() }, *value;
	struct db_rows	*rows;
	bool		 ok;

	ok = db_run(db, SQL_DB_RELEASE_FIND, NULL, params, 1, &rows) == OK;
	look->there = ok && strcmp(db_text(rows, 0, "there"), "t") == 0;
	value = ok ? db_text(rows, 0, "known") : NULL;
	look->known = value != NULL && strcmp(value, "t") == 0;
	db_rows_free(rows);
	return (ok);
}

/* The message when the database has the functions of another release. */
static char *
schema_other(struct db *db)
{
	struct db_rows	*rows;
	struct buf	 b = { 0 };
	const char	*version = NULL;

	if (db_run(db, SQL_DB_RELEASE_NEWEST, NULL, NULL, 0, &rows) == OK)
		version = db_value(rows, 0, 0);
	buf_printf(&b, "the database has the functions of release %s, not "
	    "those of this one, " VERSION ": run `smartrecord migrate` of "
	    "the newer of the two", version == NULL ? "unknown" : version);
	db_rows_free(rows);
	return (b.data);
}

char *
db_problem(struct db *db)
{
	struct look	look;

	if (!schema_look(db, &look))
		return (strdup("the database can't be read"));
	if (look.there)
		return (NULL);
	return (look.known ? schema_other(db) : strdup("the database is "
	    "empty, or not this role's to read: run `smartrecord migrate`"));
}

enum result
schema_install(struct db *db, bool *installed, const char **name, char **why)
{
	struct installing	in = { .db = db };
	struct look		look;
	char			*ignored = NULL;

	*name = "the database";
	if (!schema_look(db, &look)) {
		*why = strdup("can't be read");
		return (FAILED);
	}
	*installed = !look.there;
	if (look.there || install_all(&in))
		return (OK);
	(void)db_script(db, "rollback", &ignored);
	free(ignored);
	*name = in.name;
	*why = in.why;
	return (in.result);
}

struct db *
db_open(const char *conninfo, char **why)
{
	struct db	*db;

	if ((db = db_connect(conninfo, why)) == NULL)
		return (NULL);
	if ((*why = db_problem(db)) == NULL)
		return (db);
	db_close(db);
	return (NULL);
}
