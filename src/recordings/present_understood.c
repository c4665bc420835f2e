/*
 * How a searched text was understood, as a sentence under the search box. See
 * present.h; search_understood() makes the model.
 */
#include <string.h>

#include "recordings/present.h"

static const struct {
	const char	*kind, *french;
} kinds[] = {
	{ "number", "numéro {}" },
	{ "word", "mot « {} »" },
	{ "phrase", "suite de mots « {} »" },
	{ "name", "nom « {} »" },
	{ "excluded", "sans « {} »" },
};

/*
 * Returns a stored number as it is written internationally, "+33 6 13 24 10
 * 88": words_phone() has the French national form, of ten digits, for each of
 * the five codes.
 */
static const char *
number_words(const struct page *p, const char *e164)
{
	const char	*words = words_phone(p->arena, e164);

	if (words[0] != '0')
		return (words);
	return (arena_printf(p->arena, "%.*s %s", (int)strlen(e164) - 9, e164,
	    words + 1));
}

/* Returns one entry as words; NULL for an unknown kind. */
static const char *
entry_words(const struct page *p, const json_t *entry)
{
	const char	*kind = get(entry, "kind");
	const char	*text = get(entry, "text");
	size_t		 i;

	if (strcmp(kind, "number") == 0 && text[0] == '+')
		text = number_words(p, text);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return (sentence(p, kinds[i].french, text));
	return (NULL);
}

static const char *
entries_words(const struct page *p, const json_t *entries)
{
	const char	*words, *all = NULL;
	const json_t	*entry;
	size_t		 i;

	json_array_foreach(entries, i, entry) {
		words = entry_words(p, entry);
		if (words != NULL)
			all = all == NULL ? words :
			    arena_printf(p->arena, "%s, %s", all, words);
	}
	return (all);
}

void
present_understood(const struct page *p, const json_t *model, json_t *out)
{
	const json_t	*entries = json_object_get(model, "understood");
	const char	*words = entries_words(p, entries);
	const char	*last;

	if (words == NULL)
		return;
	if (json_is_true(json_object_get(model, "prefix"))) {
		last = get(json_array_get(entries,
		    json_array_size(entries) - 1), "text");
		put(out, "begun", arena_printf(p->arena, "%s %s",
		    sentence(p, "Aucun résultat pour « {} » :",
		    params_get(p->view->query, "q")),
		    sentence(p, "mots qui commencent par « {} ».", last)));
		if (json_array_size(entries) == 1)
			return;
	}
	put(out, "understood", sentence(p, "Compris : {}", words));
}
