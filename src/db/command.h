/*
 * Runs one query for a command line: connects, runs it and prints the result.
 * The query returns one JSON value. A list is an array of flat objects.
 * Otherwise it is an object {"outcome": …, "what": "site paris"}; the outcome
 * is created, changed, exists, missing, refused (what is then a sentence) or
 * invalid (the command prints the reason).
 */
#ifndef DB_COMMAND_H
#define DB_COMMAND_H

#include <stdbool.h>

#include <jansson.h>

#include "base/options.h"
#include "base/settings.h"
#include "db/db.h"

struct command_style {
	bool	json;		/* print the JSON value */
	bool	if_absent;	/* the outcome "exists" is a success */
	/* Prints on standard error what is invalid. NULL when the query never
	 * has this outcome. */
	void	(*invalid)(const json_t *answer);
};

/* Runs the query as database_admin of the settings and calls print with the
 * rows. Returns the value of print, the exit status; or 1 after it reported an
 * error on standard error. */
int	db_ask_command(const struct settings *, enum sql,
	    const char *const *params, int n,
	    int (*print)(struct db_rows *, const void *arg), const void *arg);
/* Like db_ask_command(), prints the JSON value described above. */
int	db_command(const struct settings *, enum sql,
	    const char *const *params, int n, const struct command_style *);

#define COMMAND_WORDS	2

/* Like db_command(), for a verb whose n words are the parameters and that has
 * the option --json. */
int	db_command_words(const struct settings *, const struct verb *, int argc,
	    char **argv, enum sql, int n);

#endif
