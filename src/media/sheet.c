/*
 * libharu behind a few words. Without an error handler of ours it keeps its
 * first error, and every later call does nothing.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hpdf.h>

#include "media/sheet.h"
#include "media/typeset.h"

#define ROUND		0.5523		/* of a radius: a quarter circle */
/* DejaVu Condensed is its plain face at nine tenths of the width. */
#define CONDENSED	0.94

static const char *const files[] = { "DejaVuSans.ttf", "DejaVuSans-Bold.ttf" };

struct sheet {
	HPDF_Doc	 doc;
	HPDF_Page	 page;
	HPDF_Font	 fonts[2];
	unsigned	 count;
	bool		 filled, drawn;	/* the path being made */
};

static struct face	*faces[2];
static pthread_mutex_t	 faces_lock = PTHREAD_MUTEX_INITIALIZER;

static bool
font_path(char path[4096], const char *fonts, enum weight w)
{
	return ((size_t)snprintf(path, 4096, "%s/%s", fonts, files[w]) < 4096);
}

/* Condensed like what is drawn. */
static struct face *
load_face(const char *fonts, enum weight w)
{
	struct face	*f;
	char		 path[4096];
	size_t		 i;

	if (!font_path(path, fonts, w) || (f = face_load(path)) == NULL)
		return (NULL);
	for (i = 0; i < sizeof(f->widths) / sizeof(f->widths[0]); i++)
		if (f->widths[i] != FACE_ABSENT)
			f->widths[i] = (uint16_t)(f->widths[i] * CONDENSED +
			    0.5);
	return (f);
}

const struct face *
sheet_face(const char *fonts, enum weight w)
{
	const struct face	*f;

	(void)pthread_mutex_lock(&faces_lock);
	if (faces[w] == NULL)
		faces[w] = load_face(fonts, w);
	f = faces[w];
	(void)pthread_mutex_unlock(&faces_lock);
	return (f);
}

static bool
load_font(struct sheet *s, const char *fonts, enum weight w)
{
	const char	*name;
	char		 path[4096];

	if (sheet_face(fonts, w) == NULL || !font_path(path, fonts, w))
		return (false);
	name = HPDF_LoadTTFontFromFile(s->doc, path, HPDF_TRUE);
	if (name != NULL)
		s->fonts[w] = HPDF_GetFont(s->doc, name, "UTF-8");
	return (s->fonts[w] != NULL);
}

struct sheet *
sheet_new(const char *fonts)
{
	struct sheet	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (NULL);
	if ((s->doc = HPDF_New(NULL, NULL)) != NULL) {
		HPDF_SetCompressionMode(s->doc, HPDF_COMP_ALL);
		HPDF_UseUTFEncodings(s->doc);
		/* in front of SetInfoAttr, or titles are garbled */
		HPDF_SetCurrentEncoder(s->doc, "UTF-8");
		if (load_font(s, fonts, REGULAR) && load_font(s, fonts, BOLD))
			return (s);
		HPDF_Free(s->doc);
	}
	free(s);
	return (NULL);
}

static void
about(struct sheet *s, HPDF_InfoType what, const char *text)
{
	char	*clean;

	clean = typeset_clean(faces[REGULAR], text);
	HPDF_SetInfoAttr(s->doc, what, clean);
	free(clean);
}

void
sheet_about(struct sheet *s, const char *title, const char *author)
{
	about(s, HPDF_INFO_TITLE, title);
	about(s, HPDF_INFO_AUTHOR, author);
	about(s, HPDF_INFO_CREATOR, "Smart Record AI");
	HPDF_SetViewerPreference(s->doc, HPDF_CENTER_WINDOW);
}

unsigned
sheet_add(struct sheet *s)
{
	s->page = HPDF_AddPage(s->doc);
	HPDF_Page_SetSize(s->page, HPDF_PAGE_SIZE_A4, HPDF_PAGE_PORTRAIT);
	return (++s->count);
}

void
sheet_turn(struct sheet *s, unsigned i)
{
	s->page = HPDF_GetPageByIndex(s->doc, i);
}

static HPDF_REAL
across(double x)
{
	return ((HPDF_REAL)x);
}

static HPDF_REAL
up(double y)
{
	return ((HPDF_REAL)(SHEET_HEIGHT - y));
}

static HPDF_REAL
part(unsigned color, int shift)
{
	return ((HPDF_REAL)(color >> shift & 0xff) / 255);
}

static void
fill_with(struct sheet *s, unsigned color)
{
	HPDF_Page_SetRGBFill(s->page, part(color, 16), part(color, 8),
	    part(color, 0));
}

void
sheet_text(struct sheet *s, enum weight w, double size, unsigned color,
    double x, double y, const char *text, size_t n)
{
	char	*copy;

	if (n == 0 || (copy = strndup(text, n)) == NULL)
		return;
	HPDF_Page_BeginText(s->page);
	HPDF_Page_SetFontAndSize(s->page, s->fonts[w], across(size));
	HPDF_Page_SetHorizontalScalling(s->page, 100 * CONDENSED);
	fill_with(s, color);
	HPDF_Page_TextOut(s->page, across(x), up(y), copy);
	HPDF_Page_EndText(s->page);
	free(copy);
}

/* Colours come in front of a path: libharu takes none inside. */
void
sheet_begin(struct sheet *s, int fill, int pen, double width)
{
	unsigned	 color = (unsigned)pen;

	s->filled = fill >= 0;
	s->drawn = pen >= 0;
	if (s->filled)
		fill_with(s, (unsigned)fill);
	if (!s->drawn)
		return;
	HPDF_Page_SetRGBStroke(s->page, part(color, 16), part(color, 8),
	    part(color, 0));
	HPDF_Page_SetLineWidth(s->page, across(width));
	HPDF_Page_SetLineCap(s->page, HPDF_ROUND_END);
	HPDF_Page_SetLineJoin(s->page, HPDF_ROUND_JOIN);
}

void
sheet_move(struct sheet *s, double x, double y)
{
	HPDF_Page_MoveTo(s->page, across(x), up(y));
}

void
sheet_line(struct sheet *s, double x, double y)
{
	HPDF_Page_LineTo(s->page, across(x), up(y));
}

void
sheet_curve(struct sheet *s, double x1, double y1, double x2, double y2,
    double x, double y)
{
	HPDF_Page_CurveTo(s->page, across(x1), up(y1), across(x2), up(y2),
	    across(x), up(y));
}

void
sheet_close(struct sheet *s)
{
	HPDF_Page_ClosePath(s->page);
}

void
sheet_end(struct sheet *s)
{
	if (s->filled && s->drawn)
		HPDF_Page_FillStroke(s->page);
	else if (s->filled)
		HPDF_Page_Fill(s->page);
	else
		HPDF_Page_Stroke(s->page);
}

void
sheet_box(struct sheet *s, unsigned color, double x, double y, double width,
    double height, double r)
{
	double	 k = r * (1 - ROUND), x2 = x + width, y2 = y + height;

	sheet_begin(s, (int)color, -1, 0);
	sheet_move(s, x + r, y);
	sheet_line(s, x2 - r, y);
	sheet_curve(s, x2 - k, y, x2, y + k, x2, y + r);
	sheet_line(s, x2, y2 - r);
	sheet_curve(s, x2, y2 - k, x2 - k, y2, x2 - r, y2);
	sheet_line(s, x + r, y2);
	sheet_curve(s, x + k, y2, x, y2 - k, x, y2 - r);
	sheet_line(s, x, y + r);
	sheet_curve(s, x, y + k, x + k, y, x + r, y);
	sheet_close(s);
	sheet_end(s);
}

/* What libharu holds as a stream, malloc'd, or NULL. */
static uint8_t *
contents(HPDF_Doc doc, size_t *n)
{
	HPDF_UINT32	 size;
	uint8_t		*bytes;

	if (HPDF_SaveToStream(doc) != HPDF_OK ||
	    (size = HPDF_GetStreamSize(doc)) == 0 ||
	    (bytes = malloc(size)) == NULL)
		return (NULL);
	*n = size;
	if (HPDF_ReadFromStream(doc, bytes, &size) == HPDF_OK && size == *n)
		return (bytes);
	free(bytes);
	return (NULL);
}

enum result
sheet_finish(struct sheet *s, uint8_t **bytes, size_t *n)
{
	*bytes = NULL;
	if (HPDF_GetError(s->doc) == HPDF_OK)
		*bytes = contents(s->doc, n);
	HPDF_Free(s->doc);
	free(s);
	return (*bytes == NULL ? FAILED : OK);
}
