/*
 * A selection of recordings, for archives and deletions: ids, or all that a
 * filter found at an instant except some. Reads a form or JSON into the
 * document that recordings_selected() takes. Pure.
 */
#ifndef RECORDINGS_SELECTION_H
#define RECORDINGS_SELECTION_H

#include <stdbool.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/params.h"
#include "base/result.h"

#define SELECTION_IDS_MAX	1000	/* ids, or exceptions */

struct selection {
	json_t		*json;		/* the document; owned */
	bool		 own;		/* the person's own calls only */
	const char	*field;		/* INVALID: the field at fault */
	const char	*problem;	/* INVALID: a French sentence */
};

/*
 * Reads the member "select" of an API request: {"ids": […]}, or {"filter": {the
 * parameters of the list}, "except": […], "as_of": that of the list}. Refuses
 * an unknown parameter: a misspelt one must not select everything. Returns OK,
 * or INVALID with field and problem set and nothing to dispose.
 */
enum result	 selection_of_json(struct selection *s, const json_t *select);
/*
 * Reads the fields of a list's form likewise: "id" for each checked box and
 * "ids", comma-separated; with "all", the filter's fields, "as_of", and
 * "except", comma-separated ids.
 */
enum result	 selection_of_form(struct selection *s,
		    const struct params *form);
/* Returns the document as text in the arena. */
const char	*selection_text(const struct selection *s, struct arena *a);
void		 selection_dispose(struct selection *s);

#endif
