/*
 * TrueType tables, big-endian. The file is one of the system's own, but each
 * offset is checked all the same.
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
get16(struct bytes b, size_t at)
{
	if (at + 2 > b.n)
		return (0);
	return ((unsigned)b.data[at] << 8 | b.data[at + 1]);
}

static size_t
get32(struct bytes b, size_t at)
{
	return ((size_t)get16(b, at) << 16 | get16(b, at + 2));
}

/* From the offset on; empty when it is outside. */
static struct bytes
from(struct bytes b, size_t at)
{
	if (at > b.n)
		at = b.n;
	b.data += at;
	b.n -= at;
	return (b);
}

static struct bytes
table(struct bytes file, const char *tag)
{
	unsigned	 i, n;

	n = get16(file, 4);
	for (i = 0; i < n && 12 + 16 * (i + 1) <= file.n; i++)
		if (memcmp(file.data + 12 + 16 * i, tag, 4) == 0)
			return (from(file, get32(file, 12 + 16 * i + 8)));
	return (from(file, file.n));
}

/* The Windows BMP subtable of format 4, or empty. */
static struct bytes
characters(struct bytes file)
{
	struct bytes	 cmap = table(file, "cmap"), sub;
	unsigned	 i, n;

	n = get16(cmap, 2);
	for (i = 0; i < n; i++) {
		sub = from(cmap, get32(cmap, 4 + 8 * i + 4));
		if (get16(cmap, 4 + 8 * i) == 3 &&
		    get16(cmap, 4 + 8 * i + 2) == 1 && get16(sub, 0) == 4)
			return (sub);
	}
	return (from(file, file.n));
}

/* Number of a character's outline; 0: it has none. i: its segment. */
static unsigned
glyph(struct bytes sub, unsigned segments, unsigned i, unsigned code)
{
	size_t		 offset_at;
	unsigned	 delta, offset, start, g;

	start = get16(sub, 16 + 2 * (segments + i));
	delta = get16(sub, 16 + 2 * (2 * segments + i));
	offset_at = 16 + 2 * (3 * (size_t)segments + i);
	offset = get16(sub, offset_at);
	if (offset == 0)
		return ((code + delta) & 0xffff);
	g = get16(sub, offset_at + offset + 2 * (size_t)(code - start));
	return (g == 0 ? 0 : (g + delta) & 0xffff);
}

static unsigned
advance(struct bytes hmtx, unsigned metrics, unsigned g, unsigned em)
{
	if (g >= metrics)
		g = metrics - 1;
	return (get16(hmtx, 4 * (size_t)g) * 1000 / em);
}

bool
face_parse(struct face *f, const uint8_t *bytes, size_t n)
{
	struct bytes	 file = { bytes, n }, sub = characters(file);
	struct bytes	 hmtx = table(file, "hmtx");
	unsigned	 code, end, g, i, metrics, segments, em;

	em = get16(table(file, "head"), 18);
	metrics = get16(table(file, "hhea"), 34);
	segments = get16(sub, 6) / 2;
	memset(f->widths, 0xff, sizeof(f->widths));
	if (em == 0 || metrics == 0 || segments == 0)
		return (false);
	for (i = 0; i < segments; i++) {
		end = get16(sub, 14 + 2 * i);
		code = get16(sub, 16 + 2 * (segments + i));
		for (; code <= end && code < 0xffff; code++)
			if ((g = glyph(sub, segments, i, code)) != 0)
				f->widths[code] = (uint16_t)advance(hmtx,
				    metrics, g, em);
	}
	return (true);
}

/* The whole file, malloc'd, or NULL. */
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
