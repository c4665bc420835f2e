/* The values of the import page: what a file would do, or has done. Pure. */
#include <string.h>

#include "people/lines.h"
#include "people/people.h"
#include "server/model.h"

#define SHOWN	300	/* lines per page */

static const struct {
	const char	*key, *word, *one, *many;
} outcomes[] = {
	{ "create", "Nouveau", "{n} compte à créer", "{n} comptes à créer" },
	{ "change", "Modifié", "{n} compte à modifier",
	    "{n} comptes à modifier" },
	{ "same", "Inchangé", "{n} compte inchangé", "{n} comptes inchangés" },
	{ "error", "Erreur", "{n} ligne en erreur", "{n} lignes en erreur" },
};

#define OUTCOMES	(sizeof(outcomes) / sizeof(outcomes[0]))

static json_int_t
count_of(const json_t *model, const char *key)
{
	return (json_integer_value(json_object_get(json_object_get(model,
	    "counts"), key)));
}

static json_t *
present_counts(const struct view *v, struct arena *a, const json_t *model)
{
	json_t		*list = json_array();
	json_int_t	 n;
	size_t		 i;

	for (i = 0; i < OUTCOMES; i++)
		if ((n = count_of(model, outcomes[i].key)) > 0)
			json_array_append_new(list, json_pack("{s:s, s:s}",
			    "key", outcomes[i].key, "text", tr_count(a,
			    v->lang, n, outcomes[i].one, outcomes[i].many)));
	return (list);
}

/* Returns a field's name ("Nom"), or NULL for the whole line. */
static const char *
field_word(const struct view *v, const char *field)
{
	const char	*word = lines_field(field);

	return (word == NULL ? NULL : tr(v->lang, word));
}

static json_t *
present_line(const struct view *v, json_t *line)
{
	const char	*outcome = get(line, "outcome");
	json_t		*out = json_copy(line), *list, *row, *one;
	const char	*word = "";
	size_t		 i;

	for (i = 0; i < OUTCOMES; i++)
		if (strcmp(outcomes[i].key, outcome) == 0)
			word = tr(v->lang, outcomes[i].word);
	put(out, "word", word);
	list = json_array();
	json_array_foreach(json_object_get(line, "errors"), i, one) {
		row = json_copy(one);
		put(row, "field", field_word(v, get(one, "field")));
		json_array_append_new(list, row);
	}
	json_object_set_new(out, "errors", list);
	list = json_array();
	json_array_foreach(strcmp(outcome, "error") == 0 ? NULL :
	    json_object_get(line, "changes"), i, one) {
		row = json_copy(one);
		put(row, "field", field_word(v, get(one, "field")));
		json_array_append_new(list, row);
	}
	json_object_set_new(out, "changes", list);
	return (out);
}

/*
 * Returns the lines with errors, then those that change, then new ones; at most
 * SHOWN. *left gets the number of the others. Unchanged lines are not listed.
 */
static json_t *
present_lines(const struct view *v, const json_t *model, json_int_t *left)
{
	static const char *const	 order[] = { "error", "change",
	    "create" };
	json_t				*list = json_array(), *line;
	size_t				 i, j;

	*left = 0;
	for (j = 0; j < sizeof(order) / sizeof(order[0]); j++)
		json_array_foreach(json_object_get(model, "lines"), i, line) {
			if (strcmp(get(line, "outcome"), order[j]) != 0)
				continue;
			if (json_array_size(list) < SHOWN)
				json_array_append_new(list,
				    present_line(v, line));
			else
				(*left)++;
		}
	return (list);
}

static void
put_outcome(const struct view *v, struct arena *a, const json_t *model,
    json_t *out)
{
	const char	*outcome = get(model, "outcome");
	json_int_t	 left, n, waiting;
	json_t		*lines = present_lines(v, model, &left);

	n = count_of(model, "create") + count_of(model, "change");
	json_object_set_new(out, "counts", present_counts(v, a, model));
	json_object_set_new(out, "has_lines",
	    json_boolean(json_array_size(lines) > 0));
	json_object_set_new(out, "lines", lines);
	put(out, "left", left == 0 ? NULL : tr_count(a, v->lang, left,
	    "… et {n} autre ligne", "… et {n} autres lignes"));
	waiting = json_integer_value(json_object_get(model, "waiting"));
	put(out, "waits", waiting == 0 ? NULL : tr_count(a, v->lang, waiting,
	    "{n} adresse ou numéro attend une deuxième personne.",
	    "{n} adresses et numéros attendent une deuxième personne."));
	put(out, "confirmations_href", get(model, "confirmation") == NULL ?
	    NULL : arena_printf(a, "%s/confirmations", v->base));
	json_object_set_new(out, "preview", json_true());
	json_object_set_new(out, "changed",
	    json_boolean(strcmp(outcome, "changed") == 0));
	json_object_set_new(out, "applied",
	    json_boolean(strcmp(outcome, "applied") == 0));
	json_object_set_new(out, "wrong",
	    json_boolean(count_of(model, "error") > 0));
	json_object_set_new(out, "nothing", json_boolean(n == 0 &&
	    count_of(model, "error") == 0));
	json_object_set_new(out, "can_apply", json_boolean(n > 0 &&
	    count_of(model, "error") == 0));
}

json_t *
present_import(const struct view *v, json_t *model)
{
	struct arena	 a = { NULL };
	json_t		*out = json_copy(model);
	const char	*problem = get(model, "problem");
	json_int_t	 line = json_integer_value(json_object_get(model,
			    "line"));

	put(out, "title", tr(v->lang, "Importer des comptes"));
	put(out, "list_href", arena_printf(&a, "%s/accounts", v->base));
	put(out, "href", arena_printf(&a, "%s/accounts/imports", v->base));
	put(out, "invitations_href", arena_printf(&a,
	    "%s/accounts/invitations", v->base));
	put(out, "here", arena_printf(&a, "%s/accounts/imports", v->base));
	put(out, "problem", problem == NULL ? NULL : tr(v->lang, problem));
	put(out, "at", line == 0 ? NULL : arena_printf(&a, "%s %lld",
	    tr(v->lang, "Ligne"), (long long)line));
	if (get(model, "outcome") != NULL)
		put_outcome(v, &a, model, out);
	put(out, "on_accounts", "true");
	arena_dispose(&a);
	return (out);
}
