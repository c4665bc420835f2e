/* A selection of recordings, see selection.h. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "recordings/filter.h"
#include "recordings/selection.h"

#define UUID_TEXT	36
#define PAIRS_MAX	128	/* values of a filter in JSON */

static enum result
selection_refuse(struct selection *s, const char *field, const char *problem)
{
	selection_dispose(s);
	s->field = field;
	s->problem = problem;
	return (INVALID);
}

static enum result
selection_refuse_ids(struct selection *s, const char *field)
{
	return (selection_refuse(s, field, "La sélection compte au plus 1 000 "
	    "identifiants d’enregistrement."));
}

/* Adds an id of n bytes; false when it is not valid or one too many. */
static bool
selection_add_id(json_t *list, const char *id, size_t n)
{
	char	 text[UUID_TEXT + 1];

	if (n != UUID_TEXT || json_array_size(list) >= SELECTION_IDS_MAX)
		return (false);
	memcpy(text, id, n);
	text[n] = '\0';
	return (uuid_valid(text) &&
	    json_array_append_new(list, json_string(text)) == 0);
}

/* Adds the ids of "a,b,c". */
static bool
selection_add_ids(json_t *list, const char *ids)
{
	size_t	 n;

	for (; *ids != '\0'; ids += n + (ids[n] == ',')) {
		n = strcspn(ids, ",");
		if (!selection_add_id(list, ids, n))
			return (false);
	}
	return (true);
}

static bool
selection_copy_ids(json_t *list, const json_t *from)
{
	const json_t	*id;
	size_t		 i;

	if (from != NULL && !json_is_array(from))
		return (false);
	json_array_foreach(from, i, id)
		if (!json_is_string(id) || !selection_add_id(list,
		    json_string_value(id), json_string_length(id)))
			return (false);
	return (true);
}

/* Sets the filter from a query, without the parameters of a page. */
static enum result
selection_put_filter(struct selection *s, const struct params *query)
{
	struct filter	 f;

	if (filter_parse(&f, query) != OK)
		return (selection_refuse(s, f.field, f.problem));
	json_object_del(f.json, "after");
	json_object_del(f.json, "limit");
	json_object_del(f.json, "typing");
	json_object_set_new(s->json, "filter", f.json);
	return (OK);
}

static enum result
selection_put_as_of(struct selection *s, const char *as_of)
{
	int64_t	 ms;

	if (as_of == NULL || !clock_parse_utc(as_of, &ms))
		return (selection_refuse(s, "as_of", "L’instant de la liste "
		    "(as_of) manque ou n’est pas valide."));
	json_object_set_new(s->json, "as_of", json_string(as_of));
	return (OK);
}

/* --- from the API --------------------------------------------------------- */

/* Adds a JSON value of the filter to a query, as text. */
static bool
add_value(struct params *query, struct arena *a, const char *name,
    const json_t *value)
{
	struct param	*p;

	if (query->count == PAIRS_MAX)
		return (false);
	p = &query->list[query->count++];
	p->name = name;
	if (json_is_string(value))
		p->value = json_string_value(value);
	else if (json_is_integer(value))
		p->value = arena_printf(a, "%lld",
		    (long long)json_integer_value(value));
	else
		return (false);
	return (true);
}

static bool
add_member(struct params *query, struct arena *a, const char *name,
    const json_t *value)
{
	const json_t	*one;
	size_t		 i;

	if (json_is_null(value))
		return (true);
	if (!json_is_array(value))
		return (add_value(query, a, name, value));
	json_array_foreach(value, i, one)
		if (!add_value(query, a, name, one))
			return (false);
	return (true);
}

/* Reads {"scope": "own"}, a parameter of the list but not of its filter. */
static bool
read_scope(struct selection *s, const json_t *value)
{
	const char	*scope = json_string_value(value);

	if (scope == NULL ||
	    (strcmp(scope, "own") != 0 && strcmp(scope, "team") != 0))
		return (false);
	s->own = strcmp(scope, "own") == 0;
	return (true);
}

static enum result
selection_read_filter(struct selection *s, struct arena *a, json_t *filter)
{
	struct params	 query = { NULL, 0 };
	const char	*name;
	json_t		*value;
	bool		 known;

	query.list = arena_alloc(a, PAIRS_MAX * sizeof(*query.list));
	json_object_foreach(filter, name, value) {
		known = strcmp(name, "scope") == 0 ? read_scope(s, value) :
		    filter_knows(name) && add_member(&query, a, name, value);
		if (!known)
			return (selection_refuse(s, "select.filter",
			    "Le filtre de la sélection contient un nom ou une "
			    "valeur que la liste n’a pas."));
	}
	return (selection_put_filter(s, &query));
}

static enum result
read_select(struct selection *s, const json_t *select)
{
	struct arena	 a = { NULL };
	json_t		*except = json_array();
	enum result	 r;

	json_object_set_new(s->json, "except", except);
	if (!selection_copy_ids(except, json_object_get(select, "except")))
		return (selection_refuse_ids(s, "select.except"));
	r = selection_read_filter(s, &a, json_object_get(select, "filter"));
	arena_dispose(&a);
	if (r != OK)
		return (r);
	return (selection_put_as_of(s,
	    json_string_value(json_object_get(select, "as_of"))));
}

enum result
selection_of_json(struct selection *s, const json_t *select)
{
	json_t	*ids = json_object_get(select, "ids");
	json_t	*list;

	memset(s, 0, sizeof(*s));
	s->json = json_object();
	if ((ids == NULL) ==
	    !json_is_object(json_object_get(select, "filter")))
		return (selection_refuse(s, "select", "La sélection (select) "
		    "a ids, ou bien filter, except et as_of."));
	if (ids == NULL)
		return (read_select(s, select));
	list = json_array();
	json_object_set_new(s->json, "ids", list);
	if (!json_is_array(ids) || !selection_copy_ids(list, ids))
		return (selection_refuse_ids(s, "select.ids"));
	return (OK);
}

/* --- from a page ---------------------------------------------------------- */

enum result
selection_of_form(struct selection *s, const struct params *form)
{
	const char	*all = params_get(form, "all");
	const char	*more = params_get(form, all != NULL ? "except" :
			    "ids");
	json_t		*list = json_array();
	size_t		 i;

	memset(s, 0, sizeof(*s));
	s->json = json_object();
	json_object_set_new(s->json, all != NULL ? "except" : "ids", list);
	for (i = 0; all == NULL && i < form->count; i++)
		if (strcmp(form->list[i].name, "id") == 0 &&
		    !selection_add_id(list, form->list[i].value,
		    strlen(form->list[i].value)))
			return (selection_refuse_ids(s, "id"));
	if (more != NULL && !selection_add_ids(list, more))
		return (
		    selection_refuse_ids(s, all != NULL ? "except" : "ids"));
	if (all == NULL)
		return (OK);
	if (selection_put_filter(s, form) != OK)
		return (INVALID);
	return (selection_put_as_of(s, params_get(form, "as_of")));
}

const char *
selection_text(const struct selection *s, struct arena *a)
{
	char		*text = json_dumps(s->json, JSON_COMPACT);
	const char	*copy = arena_strdup(a, text);

	free(text);
	return (copy);
}

void
selection_dispose(struct selection *s)
{
	json_decref(s->json);
	s->json = NULL;
}
