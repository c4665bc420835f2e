/* Command lines: words, options, verbs, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/options.h"

#define WORDS_MAX	16

static int	verb_calls, verb_argc;

static int
verb_called(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	assert_null(s);
	assert_string_equal(verb->name, "create");
	assert_string_equal(argv[0], "key");
	verb_calls++;
	verb_argc = argc;
	return (7);
}

static const struct verb verbs[] = {
	{ "list", "thing list", NULL },
	{ "create", "thing create KEY", verb_called },
	{ NULL, NULL, NULL }
};

/* Splits text at blanks into argv, which has room for WORDS_MAX. */
static int
split(char *text, char **argv)
{
	int	n = 0;

	for (text = strtok(text, " "); text != NULL; text = strtok(NULL, " "))
		argv[n++] = text;
	return (n);
}

static const struct verb	 plain = { "x", "x", NULL };
static const char		*words[2], *name;
static bool			 flag, other;
static struct option_list	 list;
static const struct option	 options[] = {
	{ .name = "--flag", .flag = &flag },
	{ .name = "--other", .flag = &other },
	{ .name = "--name", .text = &name },
	{ .name = "--number", .list = &list },
	{ .name = NULL }
};

static bool
parse(const char *line)
{
	static char	text[128];
	char		*argv[WORDS_MAX];

	snprintf(text, sizeof(text), "%s", line);
	return (options_parse(&plain, split(text, argv), argv, options, words,
	    2));
}

static int
run(const char *line)
{
	char	text[128], *argv[WORDS_MAX];

	snprintf(text, sizeof(text), "%s", line);
	return (verb_run(verbs, NULL, split(text, argv), argv));
}

static void
takes_words_and_options_in_any_order(void **state)
{
	(void)state;
	assert_true(parse("--number 1 a --name --flag --flag b --number 2"));
	assert_string_equal(words[0], "a");
	assert_string_equal(words[1], "b");
	assert_string_equal(name, "--flag");
	assert_true(flag);
	assert_false(other);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.items[1], "2");

	assert_false(parse("a"));
	assert_false(parse("a b c"));
	assert_false(parse("a b --name"));
	assert_false(parse("a b --unknown"));
	list.count = OPTION_LIST_MAX;
	assert_false(parse("a b --number 3"));
}

static void
runs_the_verb(void **state)
{
	(void)state;
	assert_int_equal(run("thing create key --json"), 7);
	assert_int_equal(verb_calls, 1);
	assert_int_equal(verb_argc, 2);
	assert_int_equal(run("thing"), 2);
	assert_int_equal(run("thing x"), 2);
	assert_int_equal(run("thing -h"), 0);
	assert_int_equal(run("thing create --help"), 0);
	assert_int_equal(verb_calls, 1);
}

static void
knows_keys(void **state)
{
	char	longest[65];

	(void)state;
	memset(longest, 'a', 64);
	longest[64] = '\0';
	assert_false(key_valid(longest));
	assert_true(key_valid(longest + 1));
	assert_true(key_valid("blue-print-2"));
	assert_false(key_valid(""));
	assert_false(key_valid("-a"));
	assert_false(key_valid("A"));
	assert_false(key_valid("a/b"));
	assert_false(key_valid("../a"));
	assert_false(key_valid("é"));
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(takes_words_and_options_in_any_order),
		cmocka_unit_test(runs_the_verb),
		cmocka_unit_test(knows_keys),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
