/*
 * JSON between the database, the API and the pages: the value that a
 * statement answers, its members, and those that a template is given.
 */
#ifndef SERVER_MODEL_H
#define SERVER_MODEL_H

#include <jansson.h>

#include "db/db.h"

/* The one JSON value in row 0, column 0, owned by the caller; NULL: no row,
 * or SQL null. */
static inline json_t *
model_of(const struct db_rows *rows)
{
	const char	*text = db_value(rows, 0, 0);

	return (text == NULL ? NULL :
	    json_loadb(text, db_length(rows, 0, 0), 0, NULL));
}

/* The member's text, or NULL. */
static inline const char *
get(const json_t *object, const char *key)
{
	return (json_string_value(json_object_get(object, key)));
}

/* Sets text, or null: a name must exist in each row, or a template would
 * find the same name of the page around it. */
static inline void
put(json_t *object, const char *key, const char *text)
{
	json_object_set_new(object, key,
	    text == NULL ? json_null() : json_string(text));
}

#endif
