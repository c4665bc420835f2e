/*
 * Mustache templates over JSON values (mustache.github.io/mustache.5.html):
 * variables, sections, inverted sections, comments, partials, delimiters,
 * dotted names, standalone lines. Values are escaped by default. There are
 * two additions:
 *
 * {{#_}}French sentence{{/_}} is replaced by its translation when the
 * template is parsed, so that rendering does not translate. The sentence may
 * contain tags and line breaks: its key has one space for each run of white
 * space, and none at its ends. The translation is HTML, as the template is.
 *
 * {{icon search}} is replaced by HTML that shows this symbol of
 * assets/icons.svg, when the template is parsed. A name after a star is
 * looked up in the model, as in the specification's dynamic names:
 * {{icon *kind}}, {{icon mood-*key}}.
 *
 * null, false, "", an empty list and a missing value are false; 0 and {} are
 * true. Names consist of letters, digits, "_" and "-", with dots between
 * their parts.
 *
 * Parsed templates are immutable; threads may share them.
 */
#ifndef BASE_MUSTACHE_H
#define BASE_MUSTACHE_H

#include <jansson.h>

#include "base/buf.h"
#include "base/words.h"

struct mustache;

/* Returns the partial of a name (without .html). NULL renders as nothing. */
typedef const struct mustache *(*mustache_partial)(void *arg, const char *name);

/* Parses n bytes of text; the caller frees the result with mustache_free().
 * Returns NULL on a syntax error and sets *why to a sentence that the caller
 * frees with free(3). */
struct mustache	*mustache_parse(const char *text, size_t n, enum lang lang,
		    char **why);
void		 mustache_free(struct mustache *m);
/* Appends the rendered text to out. The caller keeps its reference to
 * model. */
void		 mustache_render(const struct mustache *m, json_t *model,
		    mustache_partial partial, void *arg, struct buf *out);
/* Like mustache_render() for plain text: escapes nothing, has no partials. */
void		 mustache_render_plain(const struct mustache *m, json_t *model,
		    struct buf *out);

#endif
