/*
 * The characters of a TrueType font and their widths, for line breaking
 * (OpenType tables head, hhea, hmtx, and cmap format 4, which covers the Basic
 * Multilingual Plane). libharu reads the outlines.
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

/* Reads a font; the caller frees it with free(3). Returns NULL when the file
 * is unreadable or not such a font. */
struct face *face_load(const char *path);
/* Returns whether the font has the character. */
bool	face_has(const struct face *f, uint32_t code);
/* Width in 1000ths of the font size; 0 for a missing character. */
unsigned face_width(const struct face *f, uint32_t code);

#endif
