/*
 * The filter of a list: reads query parameters into the JSON document that
 * recordings_search() takes. Knows the fields and their bounds only. Pure.
 */
#ifndef RECORDINGS_FILTER_H
#define RECORDINGS_FILTER_H

#include <stdbool.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/params.h"
#include "base/result.h"

#define FILTER_LIMIT_MAX	100	/* items per page */
/*
 * Characters of a search text, and of a number or name; search_filter_of() has
 * the same bounds.
 */
#define FILTER_WORDS_MAX	200
#define FILTER_PARTY_MAX	100
#define FILTER_CHOICES_MAX	50	/* sites or moods at once */

struct filter {
	json_t		*json;		/* the document; owned */
	const char	*field;		/* INVALID: the field at fault */
	const char	*problem;	/* INVALID: a French sentence */
};

/*
 * Reads the query. Skips empty values, which forms send, and unknown names.
 * Returns OK, or INVALID with field and problem set and nothing to dispose.
 */
enum result	 filter_parse(struct filter *f, const struct params *query);
/* Returns true when a field has this name. */
bool		 filter_knows(const char *name);
/* Returns true for a field that selects recordings, not a page of them. */
bool		 filter_chooses(const char *name);
/* Returns the document as text in the arena. */
const char	*filter_text(const struct filter *f, struct arena *a);
void		 filter_dispose(struct filter *f);

#endif
