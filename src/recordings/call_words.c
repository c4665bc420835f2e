/* Moods and directions of calls, see call_words.h. */
#include <stddef.h>
#include <string.h>

#include "recordings/call_words.h"

const struct mood moods[] = {
	{ "neutral", "Neutre", "neutral" },
	{ "frustrated", "Frustré", "bad" },
	{ "relieved", "Soulagé", "good" },
	{ "angry", "Énervé", "bad" },
	{ "positive", "Positif", "good" },
	{ "confused", "Confus", "uneasy" },
	{ "negative", "Négatif", "bad" },
	{ "impatient", "Impatient", "uneasy" },
	{ "grateful", "Reconnaissant", "good" },
	{ "disappointed", "Déçu", "bad" },
	{ "anxious", "Anxieux", "uneasy" },
	{ NULL, NULL, NULL }
};

const char *const direction_keys[] = {
	"inbound", "outbound", "internal", NULL
};

static const char *const direction_words[] = {
	"Entrant", "Sortant", "Interne"
};

const struct mood *
mood_find(const char *key)
{
	const struct mood	*m;

	for (m = moods; key != NULL && m->key != NULL; m++)
		if (strcmp(m->key, key) == 0)
			return (m);
	return (NULL);
}

const char *
mood_word(enum lang lang, const char *key)
{
	const struct mood	*m = mood_find(key);

	return (m == NULL ? NULL : tr(lang, m->word));
}

const char *
direction_word(enum lang lang, const char *key)
{
	size_t	i;

	for (i = 0; direction_keys[i] != NULL; i++)
		if (strcmp(direction_keys[i], key) == 0)
			return (tr(lang, direction_words[i]));
	return (NULL);
}
