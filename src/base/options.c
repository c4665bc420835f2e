/* Command lines; see options.h. Knows no command. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/options.h"

int
usage_error(const struct verb *verb, const char *fmt, ...)
{
	va_list	args;

	va_start(args, fmt);
	fprintf(stderr, "smartrecord: ");
	vfprintf(stderr, fmt, args);
	fprintf(stderr, "\nusage: smartrecord %s\n", verb->usage);
	va_end(args);
	return (2);
}

static void
print_verbs(FILE *out, const struct verb *verb)
{
	for (; verb->name != NULL; verb++)
		fprintf(out, "usage: smartrecord %s\n", verb->usage);
}

static bool
is_help(const char *word)
{
	return (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0);
}

int
verb_run(const struct verb *verbs, const struct settings *s, int argc,
    char **argv)
{
	const struct verb	*verb;

	if (argc < 2) {
		print_verbs(stderr, verbs);
		return (2);
	}
	if (is_help(argv[1])) {
		print_verbs(stdout, verbs);
		return (0);
	}
	for (verb = verbs; verb->name != NULL; verb++) {
		if (strcmp(verb->name, argv[1]) != 0)
			continue;
		if (argc == 3 && is_help(argv[2])) {
			printf("usage: smartrecord %s\n", verb->usage);
			return (0);
		}
		return (verb->run(s, verb, argc - 2, argv + 2));
	}
	fprintf(stderr, "smartrecord: %s has no '%s'\n", argv[0], argv[1]);
	print_verbs(stderr, verbs);
	return (2);
}

/* Stores the option at argv[0]; returns how many words it took, 0: said what
 * is wrong. */
static int
option_take(const struct verb *verb, const struct option *o, int argc,
    char **argv)
{
	while (o->name != NULL && strcmp(o->name, argv[0]) != 0)
		o++;
	if (o->name == NULL) {
		usage_error(verb, "unknown option '%s'", argv[0]);
		return (0);
	}
	if (o->flag != NULL) {
		*o->flag = true;
		return (1);
	}
	if (argc < 2) {
		usage_error(verb, "%s needs a value", o->name);
		return (0);
	}
	if (o->text != NULL)
		*o->text = argv[1];
	else if (o->list->count < OPTION_LIST_MAX)
		o->list->items[o->list->count++] = argv[1];
	else {
		usage_error(verb, "%s more than %d times", o->name,
		    OPTION_LIST_MAX);
		return (0);
	}
	return (2);
}

bool
options_parse(const struct verb *verb, int argc, char **argv,
    const struct option *options, const char **words, int n)
{
	int	given = 0, i, took;

	for (i = 0; i < argc; i += took) {
		took = 1;
		if (strncmp(argv[i], "--", 2) == 0) {
			took = option_take(verb, options, argc - i, argv + i);
			if (took == 0)
				return (false);
		} else if (given == n) {
			usage_error(verb, "'%s' is one word too many",
			    argv[i]);
			return (false);
		} else
			words[given++] = argv[i];
	}
	if (given < n) {
		usage_error(verb, "%d word%s missing", n - given,
		    n - given == 1 ? " is" : "s are");
		return (false);
	}
	return (true);
}

bool
key_valid(const char *key)
{
	size_t	n = strlen(key);

	return (n >= 1 && n <= 63 && key[0] != '-' &&
	    strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789-") == n);
}
