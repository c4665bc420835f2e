/*
 * Byte ranges (RFC 9110 section 14). Several ranges, or one that is malformed,
 * give the whole file, as the RFC allows.
 */
#ifndef BASE_RANGE_H
#define BASE_RANGE_H

#include <stdint.h>

enum range_kind {
	RANGE_WHOLE,		/* 200: none, several, or malformed */
	RANGE_PART,		/* 206: first to last */
	RANGE_UNSATISFIABLE	/* 416 */
};

struct range {
	enum range_kind	kind;
	int64_t		first;	/* offset of the first byte */
	int64_t		last;	/* offset of the last byte, inclusive */
};

/* Parses the value of Range (NULL when there is none) for a file of size
 * bytes, >= 0. */
void	range_parse(struct range *r, const char *header, int64_t size);

#endif
