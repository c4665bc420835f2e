/*
 * Parses the Range header (RFC 9110 section 14). The caller evaluates
 * If-Range.
 */
#include <stdbool.h>
#include <stddef.h>
#include <strings.h>

#include "base/range.h"

static const char	*range_number(const char *, int64_t *);
static const char	*range_blanks(const char *);

static const char *
range_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return (s);
}

/* Reads the digits at s; a number that is too large becomes INT64_MAX. Returns
 * the byte after them, or s when there is no digit. */
static const char *
range_number(const char *s, int64_t *value)
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

	s = range_blanks(header + 6);
	dash = range_number(s, &first);
	if (*dash != '-')
		return;
	end = range_number(dash + 1, &last);
	if (*range_blanks(end) != '\0' || (dash == s && end == dash + 1))
		return;

	if (dash == s) {			/* the last n bytes */
		first = last < size ? size - last : 0;
		if (last == 0)
			first = size;
		last = size - 1;
	} else if (end == dash + 1) {		/* from first to the end */
		last = size - 1;
	} else if (last < first) {		/* malformed */
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
