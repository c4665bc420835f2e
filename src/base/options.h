/*
 * Command lines: "smartrecord account create TENANT KEY --email …". A
 * command has verbs, a verb takes words and options. What is wrong is said
 * on standard error in one sentence, followed by the verb's usage.
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

/* Exactly one of flag, text and list is set: where what was given goes. */
struct option {
	const char		*name;	/* "--email" */
	bool			*flag;	/* takes no value */
	const char		**text;	/* the last one counts */
	struct option_list	*list;	/* may be repeated */
};

struct verb {
	const char	*name;		/* "create"; NULL ends a table */
	const char	*usage;		/* behind "smartrecord " */
	int		 (*run)(const struct settings *, const struct verb *,
			    int argc, char **argv);
};

/* Runs the verb named by argv[1] with what follows it. Returns the exit
 * status: 2 when there is none, 0 after --help. */
int	verb_run(const struct verb *verbs, const struct settings *, int argc,
	    char **argv);

/* Takes exactly n words and the options (ending with a NULL name). Values
 * are borrowed from argv. false: said on standard error; exit with 2. */
bool	options_parse(const struct verb *, int argc, char **argv,
	    const struct option *options, const char **words, int n);

/* Says a sentence and the usage; returns 2. */
int	usage_error(const struct verb *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* Key of an operator, a customer or a site: [a-z0-9][a-z0-9-]{0,62}. */
bool	key_valid(const char *key);
#define KEY_RULE	"use a-z, 0-9 and '-', at most 63"

#endif
