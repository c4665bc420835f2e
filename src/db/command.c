/* Runs one query for a command line; see command.h. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "db/command.h"
#include "db/rows.h"

#define COLUMNS_MAX	16

/* Text of a flat value; an array is "a,b". Valid until the next call. */
static const char *
cell_text(const json_t *value)
{
	static char	 text[512];
	const json_t	*item;
	size_t		 i, n = 0;

	text[0] = '\0';
	if (json_is_string(value))
		return (json_string_value(value));
	if (json_is_boolean(value))
		return (json_is_true(value) ? "yes" : "no");
	if (json_is_integer(value))
		snprintf(text, sizeof(text), "%lld",
		    (long long)json_integer_value(value));
	json_array_foreach(value, i, item)
		if (n < sizeof(text))
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    "%s%s", i == 0 ? "" : ",",
			    json_string_value(item));
	return (text);
}

/* Prints gap spaces and the text. Returns the gap before the next cell. */
static size_t
print_cell(const char *text, size_t width, size_t gap)
{
	size_t	length = utf8_length(text);

	printf("%*s%s", (int)gap, "", text);
	return ((width > length ? width - length : 0) + 2);
}

static void
column_widen(size_t *width, const char *text)
{
	size_t	length = utf8_length(text);

	if (length > *width)
		*width = length;
}

/* Prints the values of the row, or its names, in columns. */
static void
print_row(json_t *row, bool names, const size_t *width)
{
	const char	*name;
	json_t		*value;
	size_t		 column = 0, gap = 0;

	json_object_foreach(row, name, value)
		if (column < COLUMNS_MAX)
			gap = print_cell(names ? name : cell_text(value),
			    width[column++], gap);
	printf("\n");
}

/* Prints a list of objects: a line with the names of the members, then a line
 * for each object. */
static void
print_table(json_t *list)
{
	size_t		 width[COLUMNS_MAX] = { 0 }, i, column;
	const char	*name;
	json_t		*row, *value;

	if (json_array_size(list) == 0) {
		printf("none\n");
		return;
	}
	json_array_foreach(list, i, row) {
		column = 0;
		json_object_foreach(row, name, value) {
			if (column == COLUMNS_MAX)
				break;
			column_widen(&width[column], name);
			column_widen(&width[column++], cell_text(value));
		}
	}
	print_row(json_array_get(list, 0), true, width);
	json_array_foreach(list, i, row)
		print_row(row, false, width);
}

/* Prints the outcome. Returns the exit status. */
static int
print_outcome(const json_t *value, const struct command_style *style)
{
	const char	*outcome, *what;

	outcome = json_string_value(json_object_get(value, "outcome"));
	what = json_string_value(json_object_get(value, "what"));
	if (outcome == NULL || what == NULL)
		return (1);
	if (strcmp(outcome, "missing") == 0) {
		fprintf(stderr, "smartrecord: there is no %s\n", what);
		return (1);
	}
	if (strcmp(outcome, "invalid") == 0 && style->invalid != NULL) {
		style->invalid(value);
		return (1);
	}
	if (strcmp(outcome, "refused") == 0) {
		fprintf(stderr, "smartrecord: %s\n", what);
		return (1);
	}
	if (strcmp(outcome, "exists") != 0) {
		if (!style->json)
			printf("%s %s\n", outcome, what);
		return (0);
	}
	if (!style->if_absent)
		fprintf(stderr, "smartrecord: %s exists already\n", what);
	else if (!style->json)
		printf("%s exists already\n", what);
	return (style->if_absent ? 0 : 1);
}

static int
print_answer(struct db_rows *rows, const void *arg)
{
	const struct command_style	*style = arg;
	const char			*text = db_value(rows, 0, 0);
	json_t				*value;
	int				 status = 0;

	if ((value = json_loads(text, 0, NULL)) == NULL)
		return (1);
	if (style->json)
		printf("%s\n", text);
	if (json_is_object(value))
		status = print_outcome(value, style);
	else if (!style->json)
		print_table(value);
	json_decref(value);
	return (status);
}

int
db_ask_command(const struct settings *s, enum sql sql,
    const char *const *params, int n,
    int (*print)(struct db_rows *, const void *arg), const void *arg)
{
	struct db	*db;
	struct db_rows	*rows;
	char		*why = NULL;
	int		 status = 1;

	if ((db = db_open(s->database_admin, &why)) == NULL) {
		fprintf(stderr, "smartrecord: %s\n", why);
		free(why);
		return (1);
	}
	db_quiet(db);
	if (db_run(db, sql, NULL, params, n, &rows) == OK)
		status = print(rows, arg);
	else
		fprintf(stderr, "smartrecord: %s\n", rows_problem(rows));
	db_rows_free(rows);
	db_close(db);
	return (status);
}

int
db_command(const struct settings *s, enum sql sql, const char *const *params,
    int n, const struct command_style *style)
{
	return (db_ask_command(s, sql, params, n, print_answer, style));
}

int
db_command_words(const struct settings *s, const struct verb *verb, int argc,
    char **argv, enum sql sql, int n)
{
	const char		*words[COMMAND_WORDS];
	struct command_style	 style = { 0 };
	const struct option	 options[] = {
		{ .name = "--json", .flag = &style.json },
		{ .name = NULL }
	};

	if (!options_parse(verb, argc, argv, options, words, n))
		return (2);
	return (db_command(s, sql, words, n, &style));
}
