/*
 * Pages of a PDF document with libharu. Without an error handler, libharu keeps
 * the first error and ignores all later calls.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hpdf.h>

#include "media/sheet.h"
#include "media/tags.h"
#include "media/typeset.h"

#define ROUND		0.5523		/* Bézier constant of a circle */
/* Horizontal scale of all text. (DejaVu Condensed has 0.9.) */
#define CONDENSED	0.94

static const char *const files[] = { "DejaVuSans.ttf", "DejaVuSans-Bold.ttf" };

struct sheet {
	HPDF_Doc	 doc;
	HPDF_Page	 page;
	HPDF_Font	 fonts[2];
	struct tags	*tags;
	unsigned	 count;
	bool		 decoration;
	bool		 filled, drawn;	/* the path being made */
};

static struct face	*faces[2];
static pthread_mutex_t	 faces_lock = PTHREAD_MUTEX_INITIALIZER;

static bool
font_path(char path[4096], const char *fonts, enum weight w)
{
	return ((size_t)snprintf(path, 4096, "%s/%s", fonts, files[w]) < 4096);
}

/* Reads a font and scales its widths like the drawn text. */
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

/*
 * Replaces the map from the font's codes to characters: they are the same
 * (UTF-16). libharu's own has operators that no such map may have, see ISO
 * 32000-1, section 9.10.3. A range may not cross a multiple of 256.
 */
static void
font_unicode(HPDF_Font font)
{
	HPDF_Dict	 map = HPDF_Dict_GetItem(font, "ToUnicode",
			    HPDF_OCLASS_DICT);
	char		 line[128];
	unsigned	 i;

	if (map == NULL)
		return;
	HPDF_MemStream_FreeData(map->stream);
	(void)HPDF_Stream_WriteStr(map->stream,
	    "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
	    "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) "
	    "/Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n"
	    "/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\n"
	    "endcodespacerange\n");
	for (i = 0; i < 256; i++) {
		if (i % 64 == 0)
			(void)HPDF_Stream_WriteStr(map->stream,
			    "64 beginbfrange\n");
		(void)snprintf(line, sizeof(line),
		    "<%02X00> <%02XFF> <%02X00>\n%s", i, i, i,
		    i % 64 == 63 ? "endbfrange\n" : "");
		(void)HPDF_Stream_WriteStr(map->stream, line);
	}
	(void)HPDF_Stream_WriteStr(map->stream,
	    "endcmap\nCMapName currentdict /CMap defineresource pop\n"
	    "end\nend\n");
}

static bool
load_font(struct sheet *s, const char *fonts, enum weight w)
{
	const char	*name;
	char		 path[4096];

	if (sheet_face(fonts, w) == NULL || !font_path(path, fonts, w))
		return (false);
	name = HPDF_LoadTTFontFromFile(s->doc, path, HPDF_TRUE);
	if (name == NULL ||
	    (s->fonts[w] = HPDF_GetFont(s->doc, name, "UTF-8")) == NULL)
		return (false);
	font_unicode(s->fonts[w]);
	return (true);
}

struct sheet *
sheet_new(const char *fonts, const char *lang)
{
	struct sheet	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (NULL);
	if ((s->doc = HPDF_New(NULL, NULL)) != NULL) {
		HPDF_SetCompressionMode(s->doc, HPDF_COMP_ALL);
		HPDF_UseUTFEncodings(s->doc);
		/* must precede HPDF_SetInfoAttr(), which encodes titles */
		HPDF_SetCurrentEncoder(s->doc, "UTF-8");
		if (load_font(s, fonts, REGULAR) &&
		    load_font(s, fonts, BOLD) &&
		    (s->tags = tags_new(s->doc, lang)) != NULL)
			return (s);
		HPDF_Free(s->doc);
	}
	free(s);
	return (NULL);
}

static void
set_info(struct sheet *s, HPDF_InfoType what, const char *text)
{
	char	*clean = typeset_clean(text), *drawn;

	/* libharu encodes only what UTF-16 has in one unit */
	drawn = typeset_drawn(faces[REGULAR], clean, strlen(clean));
	HPDF_SetInfoAttr(s->doc, what, drawn);
	free(clean);
	free(drawn);
}

void
sheet_about(struct sheet *s, const char *title, const char *author)
{
	set_info(s, HPDF_INFO_TITLE, title);
	set_info(s, HPDF_INFO_AUTHOR, author);
	set_info(s, HPDF_INFO_CREATOR, "Smart Record AI");
	HPDF_SetViewerPreference(s->doc, HPDF_CENTER_WINDOW);
}

unsigned
sheet_add(struct sheet *s)
{
	s->page = HPDF_AddPage(s->doc);
	HPDF_Page_SetSize(s->page, HPDF_PAGE_SIZE_A4, HPDF_PAGE_PORTRAIT);
	tags_page(s->tags, s->page);
	return (++s->count);
}

void
sheet_turn(struct sheet *s, unsigned i)
{
	s->page = HPDF_GetPageByIndex(s->doc, i);
	s->decoration = true;
}

void
sheet_element(struct sheet *s, enum element e)
{
	static const char *const	types[] = { "P", "H1", "H2" };

	tags_element(s->tags, types[e]);
}

void
sheet_decorate(struct sheet *s, bool decoration)
{
	s->decoration = decoration;
}

static HPDF_REAL
sheet_x(double x)
{
	return ((HPDF_REAL)x);
}

static HPDF_REAL
sheet_y(double y)
{
	return ((HPDF_REAL)(SHEET_HEIGHT - y));
}

static HPDF_REAL
color_part(unsigned color, int shift)
{
	return ((HPDF_REAL)(color >> shift & 0xff) / 255);
}

static void
set_fill(struct sheet *s, unsigned color)
{
	HPDF_Page_SetRGBFill(s->page, color_part(color, 16),
	    color_part(color, 8), color_part(color, 0));
}

static void
show_text(struct sheet *s, enum weight w, double size, unsigned color,
    double x, double y, const char *drawn)
{
	HPDF_Page_BeginText(s->page);
	HPDF_Page_SetFontAndSize(s->page, s->fonts[w], sheet_x(size));
	HPDF_Page_SetHorizontalScalling(s->page, 100 * CONDENSED);
	set_fill(s, color);
	HPDF_Page_TextOut(s->page, sheet_x(x), sheet_y(y), drawn);
	HPDF_Page_EndText(s->page);
}

void
sheet_text(struct sheet *s, enum weight w, double size, unsigned color,
    double x, double y, const char *text, size_t n)
{
	char	*drawn, *copy;
	bool	 same;

	if (n == 0 || (copy = strndup(text, n)) == NULL)
		return;
	drawn = typeset_drawn(faces[w], text, n);
	same = strcmp(drawn, copy) == 0;
	if (s->decoration)
		tags_begin_artifact(s->page);
	else
		tags_begin_text(s->tags);
	if (!same)
		tags_begin_actual(s->page, copy);
	show_text(s, w, size, color, x, y, drawn);
	if (!same)
		tags_end(s->page);
	tags_end(s->page);
	free(drawn);
	free(copy);
}

/* Sets the colours first, as libharu rejects colours inside a path. */
void
sheet_begin(struct sheet *s, int fill, int pen, double width)
{
	unsigned	 color = (unsigned)pen;

	tags_begin_artifact(s->page);
	s->filled = fill >= 0;
	s->drawn = pen >= 0;
	if (s->filled)
		set_fill(s, (unsigned)fill);
	if (!s->drawn)
		return;
	HPDF_Page_SetRGBStroke(s->page, color_part(color, 16),
	    color_part(color, 8), color_part(color, 0));
	HPDF_Page_SetLineWidth(s->page, sheet_x(width));
	HPDF_Page_SetLineCap(s->page, HPDF_ROUND_END);
	HPDF_Page_SetLineJoin(s->page, HPDF_ROUND_JOIN);
}

void
sheet_move(struct sheet *s, double x, double y)
{
	HPDF_Page_MoveTo(s->page, sheet_x(x), sheet_y(y));
}

void
sheet_line(struct sheet *s, double x, double y)
{
	HPDF_Page_LineTo(s->page, sheet_x(x), sheet_y(y));
}

void
sheet_curve(struct sheet *s, double x1, double y1, double x2, double y2,
    double x, double y)
{
	HPDF_Page_CurveTo(s->page, sheet_x(x1), sheet_y(y1), sheet_x(x2),
	    sheet_y(y2), sheet_x(x), sheet_y(y));
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
	tags_end(s->page);
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

/* Copies the bytes of libharu's stream; the caller frees them. Returns NULL on
 * an error. */
static uint8_t *
sheet_contents(HPDF_Doc doc, size_t *n)
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
	tags_finish(s->tags);
	if (HPDF_GetError(s->doc) == HPDF_OK)
		*bytes = sheet_contents(s->doc, n);
	HPDF_Free(s->doc);
	tags_free(s->tags);
	free(s);
	return (*bytes == NULL ? FAILED : OK);
}
