/*
 * Imports accounts from a file. A first request shows what the file would do; a
 * second one, with the file again and the digest of what was shown, does it.
 * Nothing is stored in between: the database compares the digests.
 */
#include <stdlib.h>
#include <string.h>

#include "people/lines.h"
#include "people/people.h"
#include "server/model.h"
#include "server/reply.h"

#define DIGEST_MAX	64

/*
 * The state of an import, in the request's arena; the arena outlives the work.
 */
struct import {
	const char	*csv;
	const char	*digest;	/* of what was shown; NULL: preview */
	const char	*problem;	/* of the whole file, or NULL */
	int		 line;		/* of the problem, or 0 */
	char		*lines;		/* malloc'd JSON */
};

void
import_page(struct ctx *c)
{
	reply_value(c, 200, json_object());
}

static void
import_parse(void *arg)
{
	struct import	*i = arg;
	json_t		*lines;

	lines = lines_read(i->csv, strlen(i->csv), &i->problem, &i->line);
	if (lines != NULL)
		i->lines = json_dumps(lines, JSON_COMPACT);
	json_decref(lines);
}

static void
import_release(void *arg)
{
	struct import	*i = arg;

	free(i->lines);
	i->lines = NULL;
}

/* Replies 400: the file can't be read. A page shows its text again. */
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

/* Adds to each error the "detail" that people read. */
static void
import_explain(struct ctx *c, json_t *answer)
{
	json_t	*line, *error;
	size_t	 i, j;

	json_array_foreach(json_object_get(answer, "lines"), i, line)
		json_array_foreach(json_object_get(line, "errors"), j, error)
			json_object_set_new(error, "detail", json_string(
			    tr(c->lang, lines_problem(json_string_value(
			    json_object_get(error, "problem"))))));
}

/*
 * Returns the status of an outcome: 409 when the file would now do something
 * else than was shown, 400 when a line has an error.
 */
static int
import_status(const char *outcome)
{
	if (strcmp(outcome, "changed") == 0)
		return (409);
	return (strcmp(outcome, "wrong") == 0 ? 400 : 200);
}

static void
import_answered(struct ctx *c, struct db_rows *rows, void *arg)
{
	const struct import	*i = arg;
	const char		*outcome;
	json_t			*answer;

	answer = model_of(rows);
	outcome = json_string_value(json_object_get(answer, "outcome"));
	import_explain(c, answer);
	if (c->surface == API)
		reply_value(c, import_status(outcome), json_incref(answer));
	else {
		json_object_set_new(answer, "csv", json_string(i->csv));
		reply_page(c, import_status(outcome), "people/import",
		    present_import, json_incref(answer));
	}
	json_decref(answer);
}

static void
import_parsed(struct ctx *c, void *arg)
{
	struct import	*i = arg;
	const char	*params[2] = { i->lines, i->digest };

	if (i->lines == NULL)
		reply_no_file(c, i);
	else
		ask(c, SQL_PEOPLE_IMPORT, params, 2, import_answered, i);
}

/* Returns the text of the file that was chosen, or else of the field. */
static const char *
given(struct ctx *c)
{
	const char	*file = params_get(&c->form, "file");

	return (file != NULL ? file : ctx_field(c, "csv"));
}

void
accounts_import(struct ctx *c)
{
	static const struct work	 work = {
		.run = import_parse, .answer = import_parsed,
		.release = import_release
	};
	struct import			*i = arena_alloc(&c->arena,
					    sizeof(*i));
	const char			*csv = given(c);

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
		ctx_work(c, &work, i);
	}
}
