/*
 * Command lines such as "smartrecord account create TENANT KEY --email …". A
 * command has verbs; a verb takes words and options. An error is reported on
 * standard error as one sentence, followed by the usage of the verb.
 */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include <stdbool.h>

#include "base/settings.h"

#define OPTION_LIST_MAX	32

struct option_list {
	const char	*items[OPTION_LIST_MAX];
	int		 count;
};

/* Exactly one of flag, text and list is set; the value is stored there. */
struct option {
	const char		*name;	/* "--email" */
	bool			*flag;	/* option without a value */
	const char		**text;	/* the last value is kept */
	struct option_list	*list;	/* all values are kept */
};

struct verb {
	const char	*name;		/* "create"; NULL ends a table */
	const char	*usage;		/* follows "smartrecord " */
	int		 (*run)(const struct settings *, const struct verb *,
			    int argc, char **argv);
};

/* Runs the verb named by argv[1] with the arguments after it. Returns the exit
 * status: that of the verb, 2 when there is no such verb, 0 after --help. */
int	verb_run(const struct verb *verbs, const struct settings *, int argc,
	    char **argv);

/* Parses exactly n words and the options (the last entry has the name NULL).
 * The values point into argv. Returns false after it reported an error; the
 * caller then exits with status 2. */
bool	options_parse(const struct verb *, int argc, char **argv,
	    const struct option *options, const char **words, int n);

/* Prints a sentence and the usage on standard error. Returns 2. */
int	usage_error(const struct verb *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* Returns whether key is a valid key of an operator, a tenant or a site:
 * [a-z0-9][a-z0-9-]{0,62}. */
bool	key_valid(const char *key);
#define KEY_RULE	"use a-z, 0-9 and '-', at most 63"

#endif
