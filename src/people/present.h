/*
 * What pages show of people, made from what the API answers. Pure: no
 * database, no request.
 */
#ifndef PEOPLE_PRESENT_H
#define PEOPLE_PRESENT_H

#include <jansson.h>

#include "base/arena.h"
#include "server/context.h"

/* Sets text, or null: a name must exist in each row, or a template would
 * find the same name of the page around it. */
static inline void
put(json_t *object, const char *key, const char *text)
{
	json_object_set_new(object, key,
	    text == NULL ? json_null() : json_string(text));
}

/* The member's text, or NULL. */
static inline const char *
get(const json_t *object, const char *key)
{
	return (json_string_value(json_object_get(object, key)));
}

/* "supervisor" in words. */
const char *profile_word(enum lang, const char *key);
/* "Ada Roux", in the arena. */
char	*account_name(struct arena *, const json_t *account);
/* The sites of a supervisor ("all" or [{name}]) in words, in the arena. */
char	*sites_words(const struct view *, struct arena *, const json_t *sites);

#endif
