/*
 * One question of a command line: opens the database, asks, prints. The SQL
 * answers one JSON value: an array of flat objects for a list, or an object
 * {"outcome": …, "what": "site paris"}, where the outcome is created,
 * changed, exists, missing, or refused (what is then a sentence).
 */
#ifndef DB_COMMAND_H
#define DB_COMMAND_H

#include <stdbool.h>

#include "base/options.h"
#include "base/settings.h"
#include "db/db.h"

struct command_style {
	bool	json;		/* the value as it is, for programs */
	bool	if_absent;	/* "exists" is success */
};

/* Asks as the settings' database_admin and has the answer printed; print's
 * value is the exit status. What went wrong is said on standard error. */
int	db_ask_command(const struct settings *, enum sql,
	    const char *const *params, int n,
	    int (*print)(struct db_rows *, const void *arg), const void *arg);
/* The same, for the answers described above. */
int	db_command(const struct settings *, enum sql,
	    const char *const *params, int n, const struct command_style *);

#define COMMAND_WORDS	2

/* The same of a verb that takes n words and --json: they are the parameters. */
int	db_command_words(const struct settings *, const struct verb *, int argc,
	    char **argv, enum sql, int n);

#endif
