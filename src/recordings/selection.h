/*
 * Several recordings at once, for archives and deletions: ids, or all that a
 * filter found at a moment but some. Form or JSON in, the document that
 * recordings_selected() takes out. Knows neither pages nor the database.
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
	json_t		*json;		/* what the database takes; owned */
	bool		 own;		/* of one's own calls only */
	const char	*field;		/* INVALID: the field at fault */
	const char	*problem;	/* INVALID: a French sentence */
};

/*
 * The member "select" of a request to the API: {"ids": […]}, or {"filter":
 * {the names of the list's query}, "except": […], "as_of": the list's}. A
 * name that no filter has is refused: a slip of the pen must not select all.
 * INVALID: field and problem say why.
 */
enum result	 selection_of_json(struct selection *s, const json_t *select);
/*
 * The same of a list's form: `id` for each box ticked and `ids`, more of them
 * with commas between; with `all`, the filter's fields, `as_of`, and
 * `except`, ids with commas between.
 */
enum result	 selection_of_form(struct selection *s,
		    const struct params *form);
/* The document as text, in the arena. */
const char	*selection_text(const struct selection *s, struct arena *a);
void		 selection_dispose(struct selection *s);

#endif
