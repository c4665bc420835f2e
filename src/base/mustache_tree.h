/*
 * A parsed template, made by mustache_parse.c and read by mustache_render.c.
 * No other file includes this one.
 */
#ifndef BASE_MUSTACHE_TREE_H
#define BASE_MUSTACHE_TREE_H

#include <stddef.h>

#include "base/arena.h"

enum node_kind {
	NODE_TEXT,
	NODE_ESCAPED,		/* {{name}} */
	NODE_RAW,		/* {{{name}}} and {{&name}} */
	NODE_SECTION,		/* {{#name}} */
	NODE_INVERTED,		/* {{^name}} */
	NODE_PARTIAL		/* {{>name}} */
};

struct node {
	enum node_kind	 kind;
	size_t		 end;	/* section: index of the node after it */
	const char	*text;	/* text; name of a partial; otherwise parts
				 * of a name, each with a NUL: "a\0b\0" */
	size_t		 len;	/* bytes of a text, or parts of a name; the
				 * name "." has 0 parts */
	const char	*indent;	/* blanks before a partial that is
					 * alone on its line, or NULL */
};

struct mustache {
	struct arena	 arena;		/* all texts */
	struct node	*nodes;		/* from malloc(), depth first */
	size_t		 count;
	size_t		 capacity;
};

#endif
