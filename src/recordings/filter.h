/*
 * The filter of a list: query parameters in, the JSON document that
 * recordings_search() takes out. Knows the fields and their bounds, not what
 * they mean to the database. Pure.
 */
#ifndef RECORDINGS_FILTER_H
#define RECORDINGS_FILTER_H

#include <stdbool.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/params.h"
#include "base/result.h"

#define FILTER_LIMIT_MAX	100	/* items a page */
#define FILTER_WORDS_MAX	200	/* characters of a search text */
#define FILTER_CHOICES_MAX	50	/* sites or moods at once */

struct filter {
	json_t		*json;		/* what the search takes; owned */
	const char	*field;		/* INVALID: the field at fault */
	const char	*problem;	/* INVALID: a French sentence */
};

/* Reads the query; empty values count as absent, as forms send them, and
 * unknown names are left to others. INVALID: field and problem say why. */
enum result	 filter_parse(struct filter *f, const struct params *query);
/* Is there a field of this name? */
bool		 filter_knows(const char *name);
/* The document as text, in the arena. */
const char	*filter_text(const struct filter *f, struct arena *a);
void		 filter_dispose(struct filter *f);

#endif
