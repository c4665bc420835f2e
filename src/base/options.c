/* Command lines; see options.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/options.h"

#define LINE_MAX_COLUMNS	79

/* Number of bytes of text that fit on a line of room columns: all, or up to
 * a space outside brackets. */
static size_t
line_length(const char *text, size_t room)
{
	size_t	at, fits = 0;
	int	depth = 0;

	for (at = 0; text[at] != '\0'; at++) {
		depth += (text[at] == '[') - (text[at] == ']');
		if (text[at] != ' ' || depth > 0)
			continue;
		if (at > room && fits > 0)
			return (fits);
		fits = at;
	}
	return (at > room && fits > 0 ? fits : at);
}

static void
print_usage(FILE *out, const char *before, const struct verb *verb)
{
	const char	*rest = verb->usage;
	size_t		 n, room;

	fprintf(out, "%ssmartrecord ", before);
	for (room = LINE_MAX_COLUMNS - 19;; room = LINE_MAX_COLUMNS - 11) {
		n = line_length(rest, room);
		fprintf(out, "%.*s\n", (int)n, rest);
		if (rest[n] == '\0')
			return;
		rest += n + 1;
		fputs("           ", out);
	}
}

int
usage_error(const struct verb *verb, const char *fmt, ...)
{
	va_list	args;

	va_start(args, fmt);
	fprintf(stderr, "smartrecord: ");
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "\n");
	print_usage(stderr, "usage: ", verb);
	return (2);
}

static void
print_verbs(FILE *out, const struct verb *verb)
{
	const char	*before = "usage: ";

	for (; verb->name != NULL; verb++, before = "       ")
		print_usage(out, before, verb);
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
			print_usage(stdout, "usage: ", verb);
			return (0);
		}
		return (verb->run(s, verb, argc - 2, argv + 2));
	}
	fprintf(stderr, "smartrecord: %s has no '%s'\n", argv[0], argv[1]);
	print_verbs(stderr, verbs);
	return (2);
}

/* Stores the option at argv[0]. Returns the number of arguments used, or 0
 * after it reported an error. */
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
