/*
 * The active filters, each as a text and the link that removes it. See
 * present.h; present_filters.c makes the form that sets them.
 */
#include <stdlib.h>
#include <string.h>

#include "recordings/present.h"

/* Returns the name of the choice (site or account) with the id, or NULL. */
static const char *
choice_name(const json_t *choices, const char *id)
{
	json_t	*choice;
	size_t	 i;

	json_array_foreach(choices, i, choice)
		if (strcmp(get(choice, "id"), id) == 0)
			return (get(choice, "name"));
	return (NULL);
}

/*
 * Returns the text of a filter; NULL when it has no chip: the end of a period
 * whose start has one, the
 * beginning of a word, or a site or account that no longer exists.
 */
static const char *
chip_label(const struct page *p, const json_t *model, const json_t *out,
    const char *name, const char *value)
{
	if (strcmp(name, "q") == 0)
		return (sentence(p, "« {} »", value));
	if (strcmp(name, "site") == 0)
		return (choice_name(json_object_get(model, "sites"), value));
	if (strcmp(name, "account") == 0)
		return (choice_name(json_object_get(model, "accounts"),
		    value));
	if (strcmp(name, "mood") == 0)
		return (mood_word(p->view->lang, value));
	if (strcmp(name, "direction") == 0)
		return (direction_word(p->view->lang, value));
	if (strcmp(name, "number") == 0 && value[0] == '=')
		return (sentence(p, "Appelant ou appelé, ce numéro : {}",
		    words_phone(p->arena, value + 1)));
	if (strcmp(name, "number") == 0)
		return (sentence(p, "Appelant ou appelé : {}", value));
	if (strcmp(name, "min_ms") == 0)
		return (sentence(p, "Au moins {}", length_words(p, value)));
	if (strcmp(name, "max_ms") == 0)
		return (sentence(p, "Au plus {}", length_words(p, value)));
	if (strcmp(name, "prefix") == 0)
		return (NULL);
	if (strcmp(name, "to") == 0 && get(out, "from") != NULL)
		return (NULL);
	if (json_is_true(json_object_get(out, "several_zones")))
		return (sentence(p, "{} (jour de chaque site)",
		    get(out, "date_label")));
	return (get(out, "date_label"));
}

void
present_chips(const struct page *p, const json_t *model, json_t *out)
{
	const struct params	*query = p->view->query;
	const char		*label, *path;
	json_t			*list = json_array();
	size_t			 i;

	path = arena_printf(p->arena, "%s/recordings", p->view->base);
	for (i = 0; i < query->count; i++) {
		if (!link_is_filter(query, i))
			continue;
		label = chip_label(p, model, out, query->list[i].name,
		    query->list[i].value);
		if (label == NULL)
			continue;
		json_array_append_new(list, json_pack("{s:s, s:s}",
		    "label", label, "href", link_without(p, path,
		    query->list[i].name, query->list[i].value)));
	}
	json_object_set_new(out, "chips", list);
}
