/*
 * Reads the Range header (RFC 9110 section 14). Pure: knows sizes, not
 * files; does not judge If-Range.
 */
#include <stdbool.h>
#include <stddef.h>
#include <strings.h>

#include "base/range.h"

static const char	*number(const char *, int64_t *);
static const char	*blanks(const char *);

static const char *
blanks(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return (s);
}

/* Digits at s; a number too big counts as the biggest. Returns what follows,
 * or s itself when there is no digit. */
static const char *
number(const char *s, int64_t *value)
{
	*value = 0;
	for (; *s >= '0' && *s <= '9'; s++) {
		if (*value > (INT64_MAX - 9) / 10)
			*value = INT64_MAX;
		else
			*value = *value * 10 + (*s - '0');
	}
	return (s);
}

void
range_parse(struct range *r, const char *header, int64_t size)
{
	const char	*s, *dash, *end;
	int64_t		 first, last;

	r->kind = RANGE_WHOLE;
	r->first = 0;
	r->last = size - 1;
	if (header == NULL || strncasecmp(header, "bytes=", 6) != 0)
		return;

	s = blanks(header + 6);
	dash = number(s, &first);
	if (*dash != '-')
		return;
	end = number(dash + 1, &last);
	if (*blanks(end) != '\0' || (dash == s && end == dash + 1))
		return;

	if (dash == s) {			/* the last n bytes */
		first = last < size ? size - last : 0;
		if (last == 0)
			first = size;
		last = size - 1;
	} else if (end == dash + 1) {		/* from first on */
		last = size - 1;
	} else if (last < first) {		/* not a range */
		return;
	}
	if (first >= size) {
		r->kind = RANGE_UNSATISFIABLE;
		return;
	}
	r->kind = RANGE_PART;
	r->first = first;
	r->last = last < size ? last : size - 1;
}
