/*
 * Parses the text of a template into a list of nodes. A tag that is alone on
 * its line is removed with the line, as the Mustache specification requires.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mustache.h"
#include "base/mustache_tree.h"

#define DEPTH_MAX	64	/* sections inside each other */
#define DELIMITER_MAX	8	/* bytes, NUL included */
#define SIGILS		"#^/>!=&{"
#define ICON		"<svg class=\"icon\" aria-hidden=\"true\"><use " \
			"href=\"%sassets%s/icons.svg#%s\"></use></svg>"

struct open_section {
	size_t		 node;
	const char	*name;
};

struct parser {
	struct mustache		*m;
	enum lang		 lang;
	const char		*source;
	const char		*at;		/* first unread byte */
	const char		*end;
	char			 left[DELIMITER_MAX];
	char			 right[DELIMITER_MAX];
	struct open_section	 open[DEPTH_MAX];
	size_t			 depth;
	bool			 in_sentence;
	char			**why;
};

struct tag {
	const char	*start, *end;	/* with the delimiters */
	const char	*inner;		/* text between them, trimmed */
	size_t		 inner_len;
	char		 sigil;		/* one of SIGILS, or '\0' */
	const char	*indent;	/* blanks before a tag alone on its
					 * line, or NULL */
	size_t		 indent_len;
};

static bool	parse_source(struct parser *);
static bool	parse_tag(struct parser *, const char *);
static bool	read_tag(struct parser *, struct tag *);
static bool	apply_tag(struct parser *, const struct tag *);
static void	take_line(const struct parser *, struct tag *);
static size_t	word_length(const char *, const char *);
static bool	set_delimiters(struct parser *, const struct tag *);
static bool	open_section(struct parser *, const struct tag *);
static bool	close_section(struct parser *, const struct tag *);
static bool	translate(struct parser *, const struct tag *);
static bool	parse_inside(struct parser *, const char *);
static bool	is_icon(const struct tag *);
static bool	add_icon(struct parser *, const struct tag *);
static bool	add_name(struct parser *, const struct tag *, enum node_kind);
static bool	add_partial(struct parser *, const struct tag *);
static void	add_text(struct parser *, const char *, const char *);
static struct node *add_node(struct mustache *, enum node_kind);
static bool	tag_name_valid(const char *, size_t, const char *);
static const char *find_text(const char *, const char *, const char *);
static bool	parse_fail(struct parser *, const char *, const char *,
		    const char *, size_t);

/* Sets *p->why to the line number of at, the message and the name. Returns
 * false. */
static bool
parse_fail(struct parser *p, const char *at, const char *message,
    const char *name, size_t n)
{
	const char	*s;
	unsigned	 line;

	line = 1;
	for (s = p->source; s < at; s++) {
		if (*s == '\n')
			line++;
	}
	if (asprintf(p->why, "line %u: %s: \"%.*s\"", line, message,
	    (int)(n < 80 ? n : 80), name) == -1)
		log_fatal("event=out_of_memory");

	return (false);
}

static const char *
find_text(const char *from, const char *end, const char *what)
{
	return (memmem(from, (size_t)(end - from), what, strlen(what)));
}

/* Returns whether s has only letters, digits, "_", "-", bytes above 127 and
 * the extra characters, and is not empty. */
static bool
tag_name_valid(const char *s, size_t n, const char *extra)
{
	unsigned char	c;
	size_t		i;

	for (i = 0; i < n; i++) {
		c = (unsigned char)s[i];
		if (!isalnum(c) && c < 0x80 && c != '_' && c != '-' &&
		    (c == '\0' || strchr(extra, c) == NULL))
			return (false);
	}

	return (n > 0);
}

static struct node *
add_node(struct mustache *m, enum node_kind kind)
{
	struct node	*n;

	if (m->count == m->capacity) {
		m->capacity = m->capacity == 0 ? 32 : 2 * m->capacity;
		m->nodes = reallocarray(m->nodes, m->capacity, sizeof(*n));
		if (m->nodes == NULL)
			log_fatal("event=out_of_memory");
	}
	n = &m->nodes[m->count++];
	memset(n, 0, sizeof(*n));
	n->kind = kind;

	return (n);
}

static void
add_text(struct parser *p, const char *from, const char *to)
{
	struct node	*n;

	if (from == to)
		return;
	n = add_node(p->m, NODE_TEXT);
	n->text = from;
	n->len = (size_t)(to - from);
}

static bool
add_name(struct parser *p, const struct tag *t, enum node_kind kind)
{
	struct node	*n;
	char		*name, *dot;

	if (!tag_name_valid(t->inner, t->inner_len, "."))
		return (parse_fail(p, t->start, "not a name", t->inner,
		    t->inner_len));
	n = add_node(p->m, kind);
	name = arena_strndup(&p->m->arena, t->inner, t->inner_len);
	n->text = name;
	if (strcmp(name, ".") == 0)
		return (true);

	for (n->len = 1; (dot = strchr(name, '.')) != NULL; n->len++) {
		if (dot == name)
			break;
		*dot = '\0';
		name = dot + 1;
	}
	if (dot != NULL || *name == '\0')
		return (parse_fail(p, t->start, "not a name", t->inner,
		    t->inner_len));

	return (true);
}

static bool
add_partial(struct parser *p, const struct tag *t)
{
	struct node	*n;

	if (!tag_name_valid(t->inner, t->inner_len, "./"))
		return (parse_fail(p, t->start, "not a partial's name",
		    t->inner, t->inner_len));
	n = add_node(p->m, NODE_PARTIAL);
	n->text = arena_strndup(&p->m->arena, t->inner, t->inner_len);
	if (t->indent_len > 0)
		n->indent = arena_strndup(&p->m->arena, t->indent,
		    t->indent_len);

	return (true);
}

static size_t
word_length(const char *s, const char *end)
{
	size_t	 n;

	for (n = 0; s + n < end && !isspace((unsigned char)s[n]); n++)
		continue;
	return (n);
}

static bool
set_delimiters(struct parser *p, const struct tag *t)
{
	const char	*right, *end;
	size_t		 left_len, right_len;

	end = t->inner + t->inner_len;
	left_len = word_length(t->inner, end);
	right = t->inner + left_len;
	while (right < end && isspace((unsigned char)*right))
		right++;
	right_len = word_length(right, end);
	if (left_len == 0 || left_len >= DELIMITER_MAX || right_len == 0 ||
	    right_len >= DELIMITER_MAX || right + right_len != end ||
	    memchr(t->inner, '=', t->inner_len) != NULL)
		return (parse_fail(p, t->start, "not two delimiters", t->inner,
		    t->inner_len));

	memcpy(p->left, t->inner, left_len);
	p->left[left_len] = '\0';
	memcpy(p->right, right, right_len);
	p->right[right_len] = '\0';

	return (true);
}

static bool
open_section(struct parser *p, const struct tag *t)
{
	struct open_section	*o;

	if (p->depth == DEPTH_MAX)
		return (parse_fail(p, t->start, "sections too deep", t->inner,
		    t->inner_len));
	o = &p->open[p->depth++];
	o->node = p->m->count;
	o->name = arena_strndup(&p->m->arena, t->inner, t->inner_len);

	return (add_name(p, t, t->sigil == '#' ? NODE_SECTION :
	    NODE_INVERTED));
}

static bool
close_section(struct parser *p, const struct tag *t)
{
	struct open_section	*o;

	if (p->depth == 0)
		return (parse_fail(p, t->start, "nothing to close", t->inner,
		    t->inner_len));
	o = &p->open[p->depth - 1];
	if (strlen(o->name) != t->inner_len ||
	    memcmp(o->name, t->inner, t->inner_len) != 0)
		return (parse_fail(p, t->start, "closes another section than "
		    "the open one", t->inner, t->inner_len));
	p->m->nodes[o->node].end = p->m->count;
	p->depth--;

	return (true);
}

/* Parses the replacement of a tag. It must not contain another sentence. */
static bool
parse_inside(struct parser *p, const char *text)
{
	struct parser	*child;
	bool		 good;

	if ((child = malloc(sizeof(*child))) == NULL)
		log_fatal("event=out_of_memory");
	memcpy(child, p, sizeof(*child));
	child->source = child->at = arena_strdup(&p->m->arena, text);
	child->end = child->at + strlen(child->at);
	child->depth = 0;
	child->in_sentence = true;
	good = parse_source(child);
	free(child);

	return (good);
}

/* Replaces {{#_}}sentence{{/_}} by its translation. The key is the sentence
 * with one space for each run of white space, so that it may span lines. */
static bool
translate(struct parser *p, const struct tag *t)
{
	const char	*close, *s;
	char		 closing[2 * DELIMITER_MAX + 4];
	char		*key;
	size_t		 n;

	(void)snprintf(closing, sizeof(closing), "%s/_%s", p->left, p->right);
	close = find_text(t->end, p->end, closing);
	if (close == NULL || p->in_sentence)
		return (parse_fail(p, t->start, "sentence never closed, or "
		    "inside another", t->inner, t->inner_len));

	key = arena_alloc(&p->m->arena, (size_t)(close - t->end) + 1);
	n = 0;
	for (s = t->end; s < close; s++) {
		if (!isspace((unsigned char)*s))
			key[n++] = *s;
		else if (n > 0 && key[n - 1] != ' ')
			key[n++] = ' ';
	}
	if (n > 0 && key[n - 1] == ' ')
		n--;
	key[n] = '\0';
	p->at = close + strlen(closing);

	return (parse_inside(p, tr(p->lang, key)));
}

static bool
is_icon(const struct tag *t)
{
	return (t->inner_len > 5 && memcmp(t->inner, "icon", 4) == 0 &&
	    isspace((unsigned char)t->inner[4]));
}

/* Replaces {{icon name}} by HTML. The part of the name after a star becomes a
 * variable. */
static bool
add_icon(struct parser *p, const struct tag *t)
{
	struct arena	*a = &p->m->arena;
	const char	*name, *star, *end;

	end = t->inner + t->inner_len;
	for (name = t->inner + 5; isspace((unsigned char)*name); name++)
		continue;
	if ((star = memchr(name, '*', (size_t)(end - name))) == NULL)
		star = end;
	if ((star > name && !tag_name_valid(name, (size_t)(star - name), "")) ||
	    (star < end && !tag_name_valid(star + 1, (size_t)(end - star) - 1,
	    ".")))
		return (parse_fail(p, t->start, "not an icon's name", name,
		    (size_t)(end - name)));
	if (star == end)
		name = arena_strndup(a, name, (size_t)(end - name));
	else
		name = arena_printf(a, "%.*s%s%.*s%s", (int)(star - name),
		    name, p->left, (int)(end - star) - 1, star + 1, p->right);

	return (parse_inside(p, arena_printf(a, ICON, p->left, p->right,
	    name)));
}

/* Fills in the rest of t, whose start is given. */
static bool
read_tag(struct parser *p, struct tag *t)
{
	const char	*s, *close;
	char		 closing[DELIMITER_MAX + 1];

	s = t->start + strlen(p->left);
	t->sigil = '\0';
	if (s < p->end && *s != '\0' && strchr(SIGILS, *s) != NULL)
		t->sigil = *s++;
	(void)snprintf(closing, sizeof(closing), "%s%s",
	    t->sigil == '{' ? "}" : t->sigil == '=' ? "=" : "", p->right);
	if ((close = find_text(s, p->end, closing)) == NULL)
		return (parse_fail(p, t->start, "tag never closed", t->start,
		    (size_t)(p->end - t->start)));
	t->end = close + strlen(closing);

	while (s < close && isspace((unsigned char)*s))
		s++;
	while (s < close && isspace((unsigned char)close[-1]))
		close--;
	t->inner = s;
	t->inner_len = (size_t)(close - s);

	return (true);
}

/* Extends a tag that has only blanks around it to its whole line. */
static void
take_line(const struct parser *p, struct tag *t)
{
	const char	*s, *e;

	for (s = t->start; s > p->source; s--) {
		if (s[-1] != ' ' && s[-1] != '\t')
			break;
	}
	if (s > p->source && s[-1] != '\n')
		return;
	for (e = t->end; e < p->end; e++) {
		if (*e != ' ' && *e != '\t')
			break;
	}
	if (p->end - e >= 2 && e[0] == '\r' && e[1] == '\n')
		e++;
	if (e < p->end && *e++ != '\n')
		return;

	t->indent = s;
	t->indent_len = (size_t)(t->start - s);
	t->start = s;
	t->end = e;
}

static bool
apply_tag(struct parser *p, const struct tag *t)
{
	switch (t->sigil) {
	case '#':
		if (t->inner_len == 1 && t->inner[0] == '_')
			return (translate(p, t));
		return (open_section(p, t));
	case '^':
		return (open_section(p, t));
	case '/':
		return (close_section(p, t));
	case '>':
		return (add_partial(p, t));
	case '=':
		return (set_delimiters(p, t));
	case '!':
		return (true);
	case '&':
	case '{':
		return (add_name(p, t, NODE_RAW));
	default:
		if (is_icon(t))
			return (add_icon(p, t));
		return (add_name(p, t, NODE_ESCAPED));
	}
}

static bool
parse_tag(struct parser *p, const char *start)
{
	struct tag	 t;
	bool		 sentence;

	memset(&t, 0, sizeof(t));
	t.start = start;
	if (!read_tag(p, &t))
		return (false);
	sentence = t.sigil == '#' && t.inner_len == 1 && t.inner[0] == '_';
	if (t.sigil != '\0' && strchr("#^/>!=", t.sigil) != NULL && !sentence)
		take_line(p, &t);
	add_text(p, p->at, t.start);
	p->at = t.end;

	return (apply_tag(p, &t));
}

static bool
parse_source(struct parser *p)
{
	const char	*tag, *name;

	while ((tag = find_text(p->at, p->end, p->left)) != NULL) {
		if (!parse_tag(p, tag))
			return (false);
	}
	if (p->depth > 0) {
		name = p->open[p->depth - 1].name;
		return (parse_fail(p, p->end, "section never closed", name,
		    strlen(name)));
	}
	add_text(p, p->at, p->end);

	return (true);
}

struct mustache *
mustache_parse(const char *text, size_t n, enum lang lang, char **why)
{
	struct parser	 p;
	struct mustache	*m;
	char		*copy;

	if ((m = calloc(1, sizeof(*m))) == NULL)
		log_fatal("event=out_of_memory");
	copy = arena_alloc(&m->arena, n + 1);
	if (n > 0)
		memcpy(copy, text, n);

	memset(&p, 0, sizeof(p));
	p.m = m;
	p.lang = lang;
	p.source = p.at = copy;
	p.end = copy + n;
	p.why = why;
	memcpy(p.left, "{{", 3);
	memcpy(p.right, "}}", 3);
	if (!parse_source(&p)) {
		mustache_free(m);
		return (NULL);
	}

	return (m);
}

void
mustache_free(struct mustache *m)
{
	if (m == NULL)
		return;
	arena_dispose(&m->arena);
	free(m->nodes);
	free(m);
}
