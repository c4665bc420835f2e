/*
 * What setting text takes of a TrueType font: which characters it has and
 * how wide they are (OpenType: head, hhea, hmtx; cmap format 4, which is the
 * Basic Multilingual Plane). The outlines are libharu's business.
 */
#ifndef MEDIA_FACE_H
#define MEDIA_FACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FACE_ABSENT	0xffff

struct face {
	uint16_t	widths[0x10000];	/* 1000ths of the size */
};

/* From a font's bytes; false: not a font of this kind. */
bool	face_parse(struct face *f, const uint8_t *bytes, size_t n);
/* From a file; malloc'd, NULL: it can't be read, or is none. */
struct face *face_load(const char *path);
bool	face_has(const struct face *f, uint32_t code);
/* 1000ths of the size; 0 for what it lacks. */
unsigned face_width(const struct face *f, uint32_t code);

#endif
