/*
 * Reads TrueType tables, which are big-endian. Each offset is checked, so that
 * a damaged file is harmless.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/face.h"

#define FILE_MAX	(32 * 1024 * 1024)

struct bytes {
	const uint8_t	*data;
	size_t		 n;
};

static unsigned
read_be16(struct bytes b, size_t at)
{
	if (at + 2 > b.n)
		return (0);
	return ((unsigned)b.data[at] << 8 | b.data[at + 1]);
}

static size_t
read_be32(struct bytes b, size_t at)
{
	return ((size_t)read_be16(b, at) << 16 | read_be16(b, at + 2));
}

/* The bytes from the offset on; empty when it is outside. */
static struct bytes
bytes_from(struct bytes b, size_t at)
{
	if (at > b.n)
		at = b.n;
	b.data += at;
	b.n -= at;
	return (b);
}

static struct bytes
table_find(struct bytes file, const char *tag)
{
	unsigned	 i, n;

	n = read_be16(file, 4);
	for (i = 0; i < n && 12 + 16 * (i + 1) <= file.n; i++)
		if (memcmp(file.data + 12 + 16 * i, tag, 4) == 0)
			return (bytes_from(file, read_be32(file,
			    12 + 16 * i + 8)));
	return (bytes_from(file, file.n));
}

/* The cmap subtable of format 4 for the Windows platform, or empty. */
static struct bytes
cmap_find(struct bytes file)
{
	struct bytes	 cmap = table_find(file, "cmap"), sub;
	unsigned	 i, n;

	n = read_be16(cmap, 2);
	for (i = 0; i < n; i++) {
		sub = bytes_from(cmap, read_be32(cmap, 4 + 8 * i + 4));
		if (read_be16(cmap, 4 + 8 * i) == 3 &&
		    read_be16(cmap, 4 + 8 * i + 2) == 1 &&
		    read_be16(sub, 0) == 4)
			return (sub);
	}
	return (bytes_from(file, file.n));
}

/* Glyph index of a character in segment i; 0 when it has none. */
static unsigned
glyph_index(struct bytes sub, unsigned segments, unsigned i, unsigned code)
{
	size_t		 offset_at;
	unsigned	 delta, offset, start, g;

	start = read_be16(sub, 16 + 2 * (segments + i));
	delta = read_be16(sub, 16 + 2 * (2 * segments + i));
	offset_at = 16 + 2 * (3 * (size_t)segments + i);
	offset = read_be16(sub, offset_at);
	if (offset == 0)
		return ((code + delta) & 0xffff);
	g = read_be16(sub, offset_at + offset + 2 * (size_t)(code - start));
	return (g == 0 ? 0 : (g + delta) & 0xffff);
}

static unsigned
glyph_advance(struct bytes hmtx, unsigned metrics, unsigned g, unsigned em)
{
	if (g >= metrics)
		g = metrics - 1;
	return (read_be16(hmtx, 4 * (size_t)g) * 1000 / em);
}

/* Reads the bytes of a font. Returns false when it lacks a needed table. */
static bool
face_parse(struct face *f, const uint8_t *bytes, size_t n)
{
	struct bytes	 file = { bytes, n }, sub = cmap_find(file);
	struct bytes	 hmtx = table_find(file, "hmtx");
	unsigned	 code, end, g, i, metrics, segments, em;

	em = read_be16(table_find(file, "head"), 18);
	metrics = read_be16(table_find(file, "hhea"), 34);
	segments = read_be16(sub, 6) / 2;
	memset(f->widths, 0xff, sizeof(f->widths));
	if (em == 0 || metrics == 0 || segments == 0)
		return (false);
	for (i = 0; i < segments; i++) {
		end = read_be16(sub, 14 + 2 * i);
		code = read_be16(sub, 16 + 2 * (segments + i));
		for (; code <= end && code < 0xffff; code++)
			if ((g = glyph_index(sub, segments, i, code)) != 0)
				f->widths[code] = (uint16_t)glyph_advance(hmtx,
				    metrics, g, em);
	}
	return (true);
}

/* Reads a file; the caller frees the result. Returns NULL on an error. */
static uint8_t *
read_file(const char *path, size_t *n)
{
	FILE	*file;
	uint8_t	*bytes = NULL;
	long	 size;

	if ((file = fopen(path, "rbe")) == NULL)
		return (NULL);
	if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) > 0 &&
	    size < FILE_MAX && fseek(file, 0, SEEK_SET) == 0 &&
	    (bytes = malloc((size_t)size)) != NULL) {
		*n = (size_t)size;
		if (fread(bytes, 1, *n, file) != *n) {
			free(bytes);
			bytes = NULL;
		}
	}
	(void)fclose(file);
	return (bytes);
}

struct face *
face_load(const char *path)
{
	struct face	*f = NULL;
	uint8_t		*bytes;
	size_t		 n;

	if ((bytes = read_file(path, &n)) == NULL)
		return (NULL);
	if ((f = malloc(sizeof(*f))) != NULL && !face_parse(f, bytes, n)) {
		free(f);
		f = NULL;
	}
	free(bytes);
	return (f);
}

bool
face_has(const struct face *f, uint32_t code)
{
	return (code < 0x10000 && f->widths[code] != FACE_ABSENT);
}

unsigned
face_width(const struct face *f, uint32_t code)
{
	return (face_has(f, code) ? f->widths[code] : 0);
}
