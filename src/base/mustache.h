/*
 * Mustache templates over JSON values (mustache.github.io/mustache.5.html):
 * variables, sections, inverted sections, comments, partials, delimiters,
 * dotted names, standalone lines. Escapes by default. One addition:
 * {{#_}}French sentence{{/_}} is replaced by its translation when the
 * template is parsed, so that a language costs nothing at render time. The
 * sentence may hold tags and line breaks: its key has each run of white
 * space as one space, and none at its ends. Like the rest of a template, the
 * translation is HTML.
 *
 * False are null, false, "", an empty list and what isn't there; 0 and {}
 * are true. Names: letters, digits, "_-", a dot between parts.
 *
 * Parsed templates are immutable and shared by threads.
 */
#ifndef BASE_MUSTACHE_H
#define BASE_MUSTACHE_H

#include <jansson.h>

#include "base/buf.h"
#include "base/words.h"

struct mustache;

/* Finds a partial by name (without .html), or NULL: renders as nothing. */
typedef const struct mustache *(*mustache_partial)(void *arg, const char *name);

/* NULL on a syntax error, with a sentence in why (malloc'd, caller frees). */
struct mustache	*mustache_parse(const char *text, size_t n, enum lang lang,
		    char **why);
void		 mustache_free(struct mustache *m);
/* Appends the rendered text to out. model is borrowed. */
void		 mustache_render(const struct mustache *m, json_t *model,
		    mustache_partial partial, void *arg, struct buf *out);
/* The same for plain text, without partials: nothing is escaped. */
void		 mustache_render_plain(const struct mustache *m, json_t *model,
		    struct buf *out);

#endif
