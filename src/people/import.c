/*
 * Accounts from a file: a first request shows what it would do, a second one,
 * with the digest of what was shown, does it. Nothing is kept in between: the
 * file comes twice, and the database says whether it still means the same.
 */
#include <stdlib.h>
#include <string.h>

#include "people/lines.h"
#include "people/people.h"
#include "server/model.h"
#include "server/reply.h"

#define DIGEST_MAX	64

/* In the request's arena, which lives as long as the work on it. */
struct import {
	const char	*csv;
	const char	*digest;	/* of what was shown, or NULL */
	const char	*problem;	/* with the whole file, or NULL */
	int		 line;		/* where, or 0 */
	char		*lines;		/* malloc'd JSON */
};

void
import_page(struct ctx *c)
{
	reply_value(c, 200, json_object());
}

static void
parse(void *arg)
{
	struct import	*i = arg;
	json_t		*lines;

	lines = lines_read(i->csv, strlen(i->csv), &i->problem, &i->line);
	if (lines != NULL)
		i->lines = json_dumps(lines, JSON_COMPACT);
	json_decref(lines);
}

static void
release(void *arg)
{
	struct import	*i = arg;

	free(i->lines);
	i->lines = NULL;
}

/* The file is not one: the page again, with the text and what is wrong. */
static void
reply_no_file(struct ctx *c, const struct import *i)
{
	json_t	*model;

	if (c->surface == API) {
		reply_problem_with(c, 400, "invalid", i->problem,
		    json_pack("{s:s, s:i}", "field", "csv", "line", i->line));
		return;
	}
	model = json_pack("{s:s, s:i, s:s}", "problem", i->problem, "line",
	    i->line, "csv", i->csv);
	reply_page(c, 400, "people/import", present_import, model);
}

/* Says each problem in words, for programs as for people. */
static void
explain(struct ctx *c, json_t *answer)
{
	json_t	*line, *error;
	size_t	 i, j;

	json_array_foreach(json_object_get(answer, "lines"), i, line)
		json_array_foreach(json_object_get(line, "errors"), j, error)
			json_object_set_new(error, "detail", json_string(
			    tr(c->lang, lines_problem(json_string_value(
			    json_object_get(error, "problem"))))));
}

/* 409: it would do something else than was shown. 400: it can't be done. */
static int
status_of(const char *outcome)
{
	if (strcmp(outcome, "changed") == 0)
		return (409);
	return (strcmp(outcome, "wrong") == 0 ? 400 : 200);
}

static void
answered(struct ctx *c, enum result result, struct db_rows *rows)
{
	const struct import	*i = c->feature;
	const char		*outcome;
	json_t			*answer;

	(void)result;
	answer = model_of(rows);
	outcome = json_string_value(json_object_get(answer, "outcome"));
	explain(c, answer);
	if (c->surface == API)
		reply_value(c, status_of(outcome), json_incref(answer));
	else {
		json_object_set_new(answer, "csv", json_string(i->csv));
		reply_page(c, status_of(outcome), "people/import",
		    present_import, json_incref(answer));
	}
	json_decref(answer);
}

static void
parsed(struct ctx *c, void *arg)
{
	struct import	*i = arg;
	const char	*params[2] = { i->lines, i->digest };

	if (i->lines == NULL)
		reply_no_file(c, i);
	else
		ask(c, SQL_PEOPLE_IMPORT, params, 2, answered);
}

void
accounts_import(struct ctx *c)
{
	static const struct work	 work = {
		.run = parse, .answer = parsed, .release = release
	};
	struct import			*i = arena_alloc(&c->arena,
					    sizeof(*i));
	const char			*csv = ctx_field(c, "csv");

	i->digest = ctx_field(c, "digest");
	if (i->digest != NULL && *i->digest == '\0')
		i->digest = NULL;
	if (csv == NULL)
		reply_invalid(c, "csv", "Le fichier est vide : collez un "
		    "en-tête et une ligne par compte.");
	else if (i->digest != NULL && strlen(i->digest) > DIGEST_MAX)
		reply_invalid(c, "digest", "Ce n’est pas l’empreinte d’un "
		    "aperçu.");
	else {
		i->csv = arena_strdup(&c->arena, csv);
		c->feature = i;
		ctx_work(c, &work, i);
	}
}
