/*
 * application/x-www-form-urlencoded pairs, from a query string or a form
 * body (WHATWG URL, section 5.1), kept in order, names may repeat. Values
 * are valid UTF-8 without NUL or parsing fails. Also the cookie header
 * (RFC 6265 section 4.2), which knows no decoding.
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

/* INVALID: bad escape, bad UTF-8, NUL, more than PARAMS_MAX pairs. */
enum result	 params_parse(struct params *p, struct arena *a,
		    const char *text, size_t n);
/* First value of the name, or NULL. Borrowed from the arena. */
const char	*params_get(const struct params *p, const char *name);
/* Appends name=value&... of the pairs kept by skip(name) == false, encoded. */
struct buf;
void		 params_encode(const struct params *p, struct buf *out,
		    bool (*skip)(const char *name));
/* Percent-encodes one value for a query string. */
void		 params_encode_value(struct buf *out, const char *value);

/* path?name=value&… of those of the names (ending with NULL) that say
 * something, encoded, and of after, unless NULL; in the arena. */
char		*params_link(struct arena *, const char *path,
		    const struct params *, const char *const *names,
		    const char *after);

/* Value of the cookie, copied into the arena, or NULL. */
const char	*cookie_get(struct arena *a, const char *header,
		    const char *name);

#endif
