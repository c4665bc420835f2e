/*
 * Selecting many recordings in a list: the hidden fields of the form around the
 * checkboxes, so that "all" means all of this filter at this instant.
 */
#include "recordings/present.h"

/* Returns the list's filters, for hidden fields. */
static json_t *
filter_fields(const struct page *p, const json_t *model)
{
	const struct params	*query = p->view->query;
	json_t			*list = json_array();
	size_t			 i;

	for (i = 0; i < query->count; i++)
		if (link_is_filter(query, i))
			json_array_append_new(list, json_pack("{s:s, s:s}",
			    "name", query->list[i].name,
			    "value", query->list[i].value));
	if (link_completes(p, model))
		json_array_append_new(list, json_pack("{s:s, s:s}",
		    "name", "prefix", "value", "1"));
	return (list);
}

static const char *
all_label(const struct page *p, const json_t *model)
{
	int64_t	n = json_integer_value(json_object_get(model, "total"));

	if (json_is_true(json_object_get(model, "total_is_capped")))
		return (tr_count(p->arena, p->view->lang, n,
		    "Tout sélectionner : plus de {n} résultat",
		    "Tout sélectionner : plus de {n} résultats"));
	return (tr_count(p->arena, p->view->lang, n,
	    "Tout sélectionner : le seul résultat",
	    "Tout sélectionner : les {n} résultats"));
}

void
present_selection(const struct page *p, const json_t *model, json_t *out)
{
	const struct view	*v = p->view;

	json_object_set_new(out, "can_export", json_boolean(
	    v->surface == CONSOLE && v->person != NULL &&
	    v->person->supervisor));
	put(out, "as_of", get(model, "as_of"));
	json_object_set_new(out, "filter_fields", filter_fields(p, model));
	put(out, "all_label", all_label(p, model));
	json_object_set(out, "total_number", json_object_get(model, "total"));
	put(out, "exports_href", arena_printf(p->arena, "%s/exports",
	    v->base));
}
