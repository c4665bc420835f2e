/* The filter of a list, see filter.h. Each field is a row of fields[]. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "recordings/call_words.h"
#include "recordings/filter.h"

enum kind {
	TEXT,
	FLAG,
	CHOICE,
	CHOICES,
	NUMBER,
	MOMENT,
	INSTANT,
	ID,
	IDS
};

struct field {
	const char		*name;
	enum kind		 kind;
	int64_t			 min, max;	/* NUMBER; TEXT: characters */
	bool			 (*valid)(const char *); /* CHOICE, CHOICES */
	const char		*problem;	/* a French sentence */
};

static bool
mood_valid(const char *value)
{
	return (mood_find(value) != NULL);
}

static bool
direction_valid(const char *value)
{
	return (direction_word(LANG_FR, value) != NULL);
}

#define DAY_MS	(INT64_C(24) * 3600 * 1000)

static const struct field fields[] = {
	{ "q", TEXT, 0, FILTER_WORDS_MAX, NULL,
	    "La recherche est trop longue : 200 caractères au plus." },
	{ "typing", FLAG, 0, 0, NULL,
	    "La valeur attendue est 1." },
	{ "prefix", FLAG, 0, 0, NULL,
	    "La valeur attendue est 1." },
	{ "site", IDS, 0, 0, NULL,
	    "La valeur attendue est l’identifiant d’un site." },
	{ "mood", CHOICES, 0, 0, mood_valid,
	    "Cette émotion n’existe pas." },
	{ "from", MOMENT, 0, 0, NULL,
	    "La date de début n’est pas une date valide." },
	{ "to", MOMENT, 0, 0, NULL,
	    "La date de fin n’est pas une date valide." },
	{ "number", TEXT, 0, FILTER_PARTY_MAX, NULL,
	    "Le numéro ou le nom est trop long : 100 caractères au plus." },
	{ "account", ID, 0, 0, NULL,
	    "La valeur attendue est l’identifiant d’un compte." },
	{ "direction", CHOICE, 0, 0, direction_valid,
	    "Le sens d’appel est inbound, outbound ou internal." },
	{ "min_ms", NUMBER, 0, DAY_MS, NULL,
	    "La durée minimale n’est pas une durée en millisecondes." },
	{ "max_ms", NUMBER, 0, DAY_MS, NULL,
	    "La durée maximale n’est pas une durée en millisecondes." },
	{ "since", INSTANT, 0, 0, NULL,
	    "La valeur attendue est un instant (RFC 3339)." },
	{ "after", ID, 0, 0, NULL,
	    "Le repère de page n’est plus valable. Revenez à la première "
	    "page." },
	{ "limit", NUMBER, 1, FILTER_LIMIT_MAX, NULL,
	    "La page compte de 1 à 100 enregistrements." },
};

static bool
moment_valid(const char *value)
{
	int64_t	ms;

	return (clock_valid_day(value) || clock_parse_utc(value, &ms));
}

/* Returns the value as JSON; NULL when it is not valid. */
static json_t *
field_value(const struct field *f, const char *value)
{
	int64_t	n;

	switch (f->kind) {
	case TEXT:
		return ((int64_t)utf8_length(value) <= f->max ?
		    json_string(value) : NULL);
	case FLAG:
		return (strcmp(value, "1") == 0 ? json_true() : NULL);
	case CHOICE:
	case CHOICES:
		return (f->valid(value) ? json_string(value) : NULL);
	case NUMBER:
		return (text_int64(value, f->min, f->max, &n) ?
		    json_integer(n) : NULL);
	case MOMENT:
		return (moment_valid(value) ? json_string(value) : NULL);
	case INSTANT:
		return (clock_parse_utc(value, &n) ? json_string(value) :
		    NULL);
	case ID:
	case IDS:
		return (uuid_valid(value) ? json_string(value) : NULL);
	}
	return (NULL);
}

/*
 * Adds a value, which it takes over. Returns false for a second value of a
 * field that has one, or too many of a field that has several.
 */
static bool
filter_add(struct filter *f, const struct field *field, json_t *value)
{
	json_t	*have = json_object_get(f->json, field->name);

	if (field->kind != CHOICES && field->kind != IDS) {
		if (have != NULL) {
			json_decref(value);
			return (false);
		}
		json_object_set_new(f->json, field->name, value);
		return (true);
	}
	if (have == NULL) {
		have = json_array();
		json_object_set_new(f->json, field->name, have);
	}
	json_array_append_new(have, value);
	return (json_array_size(have) <= FILTER_CHOICES_MAX);
}

static const struct field *
field_find(const char *name)
{
	size_t	i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(fields[i].name, name) == 0)
			return (&fields[i]);
	return (NULL);
}

bool
filter_knows(const char *name)
{
	return (field_find(name) != NULL);
}

bool
filter_chooses(const char *name)
{
	static const char *const	page[] = { "typing", "since",
	    "after", "limit" };
	size_t				i;

	for (i = 0; i < sizeof(page) / sizeof(page[0]); i++)
		if (strcmp(page[i], name) == 0)
			return (false);
	return (filter_knows(name));
}

static enum result
filter_refuse(struct filter *f, const char *field, const char *problem)
{
	filter_dispose(f);
	f->field = field;
	f->problem = problem;
	return (INVALID);
}

static const char *
filter_string(const struct filter *f, const char *name)
{
	return (json_string_value(json_object_get(f->json, name)));
}

/*
 * Refuses bounds that exclude every recording. Compares days as text; a day
 * beside an instant is not compared.
 */
static enum result
filter_check_bounds(struct filter *f)
{
	const char	*from = filter_string(f, "from");
	const char	*to = filter_string(f, "to");
	json_t		*min = json_object_get(f->json, "min_ms");
	json_t		*max = json_object_get(f->json, "max_ms");

	if (from != NULL && to != NULL && strlen(from) == 10 &&
	    strlen(to) == 10 && strcmp(from, to) > 0)
		return (filter_refuse(f, "to",
		    "La date de fin précède la date de début."));
	if (min != NULL && max != NULL &&
	    json_integer_value(min) > json_integer_value(max))
		return (filter_refuse(f, "max_ms",
		    "La durée maximale est plus petite que la durée "
		    "minimale."));
	return (OK);
}

enum result
filter_parse(struct filter *f, const struct params *query)
{
	const struct field	*field;
	json_t			*value;
	size_t			 i;

	memset(f, 0, sizeof(*f));
	f->json = json_object();
	for (i = 0; i < query->count; i++) {
		field = field_find(query->list[i].name);
		if (field == NULL || query->list[i].value[0] == '\0')
			continue;
		value = field_value(field, query->list[i].value);
		if (value == NULL || !filter_add(f, field, value))
			return (filter_refuse(f, field->name, field->problem));
	}
	return (filter_check_bounds(f));
}

const char *
filter_text(const struct filter *f, struct arena *a)
{
	char		*text = json_dumps(f->json, JSON_COMPACT);
	const char	*copy = arena_strdup(a, text);

	free(text);
	return (copy);
}

void
filter_dispose(struct filter *f)
{
	json_decref(f->json);
	f->json = NULL;
}
