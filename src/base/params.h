/*
 * Pairs of application/x-www-form-urlencoded, from a query string or the body
 * of a form (WHATWG URL, section 5.1). Their order is kept and names may
 * repeat. Names and values must be UTF-8 without NUL. Also reads the Cookie
 * header (RFC 6265 section 4.2), which has no escapes.
 */
#ifndef BASE_PARAMS_H
#define BASE_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/result.h"

#define PARAMS_MAX	256

struct param {
	const char	*name;
	const char	*value;	/* "" when there was no '=' */
};

struct params {
	struct param	*list;	/* in the arena */
	size_t		 count;
};

/* Parses n bytes of text; all memory comes from the arena. Returns OK, or
 * INVALID for a bad escape, bad UTF-8, a NUL or more than PARAMS_MAX pairs. */
enum result	 params_parse(struct params *p, struct arena *a,
		    const char *text, size_t n);
/* First value of the name, in the arena, or NULL. */
const char	*params_get(const struct params *p, const char *name);
/* Returns whether a pair has this name and this value. */
bool		 params_has(const struct params *p, const char *name,
		    const char *value);
/* Appends the value, percent-encoded for a query string. */
struct buf;
void		 params_encode_value(struct buf *out, const char *value);

/* Makes a link in the arena: path?name=value&… with the parameters of the
 * given names (the list ends with NULL) that are not empty, and with
 * after=value unless after is NULL. */
char		*params_link(struct arena *, const char *path,
		    const struct params *, const char *const *names,
		    const char *after);

/* Value of the cookie, copied into the arena, or NULL when there is none. */
const char	*cookie_get(struct arena *a, const char *header,
		    const char *name);

#endif
