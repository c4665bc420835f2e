/*
 * Access to JSON models: the value that a query returns, and the members of
 * objects.
 */
#ifndef SERVER_MODEL_H
#define SERVER_MODEL_H

#include <jansson.h>

#include "db/db.h"

/* The JSON value in row 0, column 0; the caller owns it. NULL when there is no
 * row or it is SQL null. */
static inline json_t *
model_of(const struct db_rows *rows)
{
	const char	*text = db_value(rows, 0, 0);

	return (text == NULL ? NULL :
	    json_loadb(text, db_length(rows, 0, 0), 0, NULL));
}

/* Text of a member, or NULL. */
static inline const char *
get(const json_t *object, const char *key)
{
	return (json_string_value(json_object_get(object, key)));
}

/* Whole number of a member, written 12400 or 12400.0; 0 when it has none. */
static inline int64_t
get_int(const json_t *object, const char *key)
{
	return ((int64_t)json_number_value(json_object_get(object, key)));
}

/* Sets a member to the text, or to null when text is NULL. An absent member is
 * not the same: a template would look its name up in the outer objects. */
static inline void
put(json_t *object, const char *key, const char *text)
{
	json_object_set_new(object, key,
	    text == NULL ? json_null() : json_string(text));
}

#endif
