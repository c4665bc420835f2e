/*
 * Byte ranges (RFC 9110 section 14). One range is served; several, or one
 * that can't be read, mean the whole file, as the RFC allows.
 */
#ifndef BASE_RANGE_H
#define BASE_RANGE_H

#include <stdint.h>

enum range_kind {
	RANGE_WHOLE,		/* 200: no range, several, or not bytes */
	RANGE_PART,		/* 206: first..last */
	RANGE_UNSATISFIABLE	/* 416 */
};

struct range {
	enum range_kind	kind;
	int64_t		first;	/* offset of the first byte */
	int64_t		last;	/* offset of the last byte, inclusive */
};

/* header: value of Range or NULL; size: bytes of the whole, >= 0. */
void	range_parse(struct range *r, const char *header, int64_t size);

#endif
