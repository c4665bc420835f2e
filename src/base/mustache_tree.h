/*
 * A parsed template as mustache_parse.c leaves it to mustache_render.c.
 * Nobody else includes this.
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
	size_t		 end;	/* section: index of the node behind it */
	const char	*text;	/* text; partial's name; else the name's
				 * parts, a NUL behind each: "a\0b\0" */
	size_t		 len;	/* text: bytes; name: parts, 0 for "." */
	const char	*indent;	/* partial alone on its line, or NULL */
};

struct mustache {
	struct arena	 arena;		/* all texts */
	struct node	*nodes;		/* malloc'd, depth first */
	size_t		 count;
	size_t		 capacity;
};

#endif
