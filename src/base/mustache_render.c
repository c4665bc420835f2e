/*
 * Renders a parsed template with a JSON model. Allocates only the output
 * buffer. null, lists and objects print nothing; booleans print as in JSON.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mustache.h"
#include "base/mustache_tree.h"

/* Limit of nested sections and partials. A partial may include itself; this
 * limit ends an infinite recursion. */
#define DEPTH_MAX	200

struct frame {				/* one level of the context stack */
	json_t			*value;
	const struct frame	*outer;
};

struct indent {				/* of a partial alone on its line */
	const char		*blanks;
	const struct indent	*outer;
};

struct render {
	const struct mustache	*m;
	mustache_partial	 partial;
	void			*arg;
	struct buf		*out;
	const struct indent	*indent;	/* NULL: none */
	bool			 line_start;	/* indent still to be written */
	unsigned		 depth;
	bool			 plain;		/* plain text: no escaping */
};

static void	render_nodes(struct render *, size_t, size_t,
		    const struct frame *);
static void	render_node(struct render *, size_t, const struct frame *);
static void	render_section(struct render *, size_t, const struct frame *);
static void	render_partial(struct render *, const struct node *,
		    const struct frame *);
static void	render_text(struct render *, const char *, size_t);
static void	render_value(struct render *, const struct node *,
		    const struct frame *);
static void	write_indent(struct buf *, const struct indent *);
static void	write_real(struct buf *, double);
static void	write_escaped(struct buf *, const char *, size_t);
static json_t	*lookup(const struct node *, const struct frame *);
static bool	is_true(const json_t *);

/* Finds the innermost object with the first part of the name, then looks up
 * the other parts inside that value only. */
static json_t *
lookup(const struct node *n, const struct frame *f)
{
	const char	*part;
	json_t		*value;
	size_t		 i;

	if (n->len == 0)
		return (f->value);
	value = NULL;
	part = n->text;
	for (; f != NULL && value == NULL; f = f->outer)
		value = json_object_get(f->value, part);
	for (i = 1; i < n->len && value != NULL; i++) {
		part += strlen(part) + 1;
		value = json_object_get(value, part);
	}

	return (value);
}

static bool
is_true(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_NULL:
	case JSON_FALSE:
		return (false);
	case JSON_STRING:
		return (json_string_length(value) > 0);
	case JSON_ARRAY:
		return (json_array_size(value) > 0);
	default:
		return (true);
	}
}

/* Appends s with HTML escapes. Escapes the backtick too, because old browsers
 * accepted it as a quote of attributes. */
static void
write_escaped(struct buf *out, const char *s, size_t n)
{
	const char	*entity;
	size_t		 i, plain;

	plain = 0;
	for (i = 0; i < n; i++) {
		switch (s[i]) {
		case '&':
			entity = "&amp;";
			break;
		case '<':
			entity = "&lt;";
			break;
		case '>':
			entity = "&gt;";
			break;
		case '"':
			entity = "&quot;";
			break;
		case '\'':
			entity = "&#39;";
			break;
		case '`':
			entity = "&#96;";
			break;
		default:
			continue;
		}
		buf_append(out, s + plain, i - plain);
		buf_puts(out, entity);
		plain = i + 1;
	}
	buf_append(out, s + plain, n - plain);
}

/* Writes 15 digits, so that 1.21 prints as "1.21", or 17 when 15 would lose
 * precision. */
static void
write_real(struct buf *out, double value)
{
	char	 text[32];

	(void)snprintf(text, sizeof(text), "%.15g", value);
	if (strtod(text, NULL) != value)
		(void)snprintf(text, sizeof(text), "%.17g", value);
	buf_puts(out, text);
}

static void
write_indent(struct buf *out, const struct indent *i)
{
	if (i == NULL)
		return;
	write_indent(out, i->outer);
	buf_puts(out, i->blanks);
}

static void
render_text(struct render *r, const char *s, size_t n)
{
	const char	*newline, *end;
	size_t		 line;

	if (r->indent == NULL) {
		buf_append(r->out, s, n);
		return;
	}
	for (end = s + n; s < end; s += line) {
		if (r->line_start)
			write_indent(r->out, r->indent);
		newline = memchr(s, '\n', (size_t)(end - s));
		r->line_start = newline != NULL;
		line = newline == NULL ? (size_t)(end - s) :
		    (size_t)(newline - s) + 1;
		buf_append(r->out, s, line);
	}
}

static void
render_value(struct render *r, const struct node *n, const struct frame *f)
{
	json_t	*value;
	char	 digits[24];

	if (r->indent != NULL && r->line_start) {
		write_indent(r->out, r->indent);
		r->line_start = false;
	}
	if ((value = lookup(n, f)) == NULL)
		return;
	switch (json_typeof(value)) {
	case JSON_STRING:
		if (n->kind == NODE_RAW || r->plain)
			buf_append(r->out, json_string_value(value),
			    json_string_length(value));
		else
			write_escaped(r->out, json_string_value(value),
			    json_string_length(value));
		break;
	case JSON_INTEGER:
		(void)snprintf(digits, sizeof(digits), "%lld",
		    (long long)json_integer_value(value));
		buf_puts(r->out, digits);
		break;
	case JSON_REAL:
		write_real(r->out, json_real_value(value));
		break;
	case JSON_TRUE:
		buf_puts(r->out, "true");
		break;
	case JSON_FALSE:
		buf_puts(r->out, "false");
		break;
	default:
		break;
	}
}

static void
render_section(struct render *r, size_t at, const struct frame *f)
{
	const struct node	*n = &r->m->nodes[at];
	struct frame		 inner;
	json_t			*value;
	size_t			 i;

	value = lookup(n, f);
	if (n->kind == NODE_INVERTED) {
		if (value == NULL || !is_true(value))
			render_nodes(r, at + 1, n->end, f);
		return;
	}
	if (value == NULL || !is_true(value))
		return;
	inner.outer = f;
	inner.value = value;
	if (!json_is_array(value)) {
		render_nodes(r, at + 1, n->end, &inner);
		return;
	}
	for (i = 0; i < json_array_size(value); i++) {
		inner.value = json_array_get(value, i);
		render_nodes(r, at + 1, n->end, &inner);
	}
}

static void
render_partial(struct render *r, const struct node *n, const struct frame *f)
{
	const struct mustache	*outer = r->m;
	const struct indent	*outer_indent = r->indent;
	struct indent		 indent;

	r->m = r->partial == NULL ? NULL : r->partial(r->arg, n->text);
	if (r->m != NULL) {
		if (n->indent != NULL) {
			indent.blanks = n->indent;
			indent.outer = outer_indent;
			r->indent = &indent;
			r->line_start = true;
		}
		render_nodes(r, 0, r->m->count, f);
		r->indent = outer_indent;
	}
	r->m = outer;
}

static void
render_node(struct render *r, size_t at, const struct frame *f)
{
	const struct node	*n = &r->m->nodes[at];

	switch (n->kind) {
	case NODE_TEXT:
		render_text(r, n->text, n->len);
		break;
	case NODE_ESCAPED:
	case NODE_RAW:
		render_value(r, n, f);
		break;
	case NODE_SECTION:
	case NODE_INVERTED:
		render_section(r, at, f);
		break;
	case NODE_PARTIAL:
		render_partial(r, n, f);
		break;
	}
}

static void
render_nodes(struct render *r, size_t from, size_t to, const struct frame *f)
{
	const struct node	*n;
	size_t			 i;

	if (r->depth == DEPTH_MAX) {
		log_error("event=template_too_deep");
		return;
	}
	r->depth++;
	for (i = from; i < to;) {
		n = &r->m->nodes[i];
		render_node(r, i, f);
		i = n->kind == NODE_SECTION || n->kind == NODE_INVERTED ?
		    n->end : i + 1;
	}
	r->depth--;
}

static void
render_model(struct render *r, json_t *model)
{
	struct frame	 f = { model, NULL };

	render_nodes(r, 0, r->m->count, &f);
}

void
mustache_render(const struct mustache *m, json_t *model,
    mustache_partial partial, void *arg, struct buf *out)
{
	struct render	 r = { .m = m, .partial = partial, .arg = arg,
			    .out = out };

	render_model(&r, model);
}

void
mustache_render_plain(const struct mustache *m, json_t *model, struct buf *out)
{
	struct render	 r = { .m = m, .out = out, .plain = true };

	render_model(&r, model);
}
