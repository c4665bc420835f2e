/*
 * The layout. One column, so that programs read it in the order of people;
 * a band at its left tells who speaks. A head is never left alone at the
 * foot of a sheet, nor a single line at either end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/icon.h"
#include "media/sheet.h"
#include "media/transcript_pdf.h"
#include "media/typeset.h"

#define LEFT		62.0
#define RIGHT		(SHEET_WIDTH - 62.0)
#define WIDTH		(RIGHT - LEFT)
#define TOP		88.0		/* under the running head */
#define BOTTOM		(SHEET_HEIGHT - 76.0)
#define INDENT		14.0		/* of text beside a band */
#define BAND		2.5

/* The page's own colours (assets/app.css, light). */
#define INK		0x161d2b
#define INK_2		0x465064
#define INK_3		0x5b6578
#define LINE		0xe1e5ec
#define WHITE		0xffffff
#define PALE		0xf6f7fa
#define GREY_BAND	0xc5ccd8

struct style {
	enum weight	weight;
	double		size, leading;
	unsigned	color;
};

static const struct style	heading = { BOLD, 20, 26, INK };
static const struct style	section = { BOLD, 12, 16, INK };
static const struct style	body = { REGULAR, 9.75, 15, INK };
static const struct style	label = { REGULAR, 8, 12, INK_3 };
static const struct style	value = { BOLD, 9.5, 13.5, INK };
static const struct style	detail = { REGULAR, 8.5, 12, INK_2 };
static const struct style	fine = { REGULAR, 7.75, 11.5, INK_3 };
static const struct style	who = { BOLD, 8.5, 14, INK_2 };
static const struct style	brand = { BOLD, 10.5, 14, INK };

static const struct family {
	const char	*name;
	unsigned	 ink, ground;
} families[] = {
	{ "neutral", 0x3f4a5a, 0xeef1f5 }, { "good", 0x0b5d3b, 0xe4f5ec },
	{ "uneasy", 0x7a4a00, 0xfdf0d8 }, { "bad", 0xa1121f, 0xfdeaec },
};

/* A block of text beside or upon a colour; -1: none. */
struct ground {
	int	band, fill;
};
static const struct ground	bare = { -1, -1 };

struct layout {
	struct sheet		*sheet;
	const struct transcript	*t;
	const struct face	*faces[2];
	double			 y;	/* of what comes next */
	unsigned		 pages;
};

static double
text_at(struct layout *l, const struct style *s, double x, double y,
    const char *text)
{
	const struct face	*f = l->faces[s->weight];
	char			*clean = typeset_clean(f, text);
	size_t			 n = strlen(clean);

	sheet_text(l->sheet, s->weight, s->size, s->color, x, y, clean, n);
	x += typeset_width(f, s->size, clean, n);
	free(clean);
	return (x);
}

/* The same, cut to what fits. Where it ends. */
static double
text_within(struct layout *l, const struct style *s, double x, double y,
    double width, const char *text)
{
	const struct face	*f = l->faces[s->weight];
	char			*clean = typeset_clean(f, text), *fit;

	fit = typeset_fit(f, s->size, width, clean);
	x = text_at(l, s, x, y, fit);
	free(clean);
	free(fit);
	return (x);
}

static void
text_right(struct layout *l, const struct style *s, double x, double y,
    const char *text)
{
	x -= typeset_width(l->faces[s->weight], s->size, text, strlen(text));
	(void)text_at(l, s, x, y, text);
}

static void
rule(struct layout *l, double y)
{
	sheet_begin(l->sheet, -1, LINE, .6);
	sheet_move(l->sheet, LEFT, y);
	sheet_line(l->sheet, RIGHT, y);
	sheet_end(l->sheet);
}

/* What is on top of every sheet but the first. */
static void
running_head(struct layout *l)
{
	double	 x;

	x = text_within(l, &fine, LEFT, 52, WIDTH / 2 - 12, l->t->title);
	(void)x;
	text_right(l, &fine, RIGHT, 52, l->t->date);
	rule(l, 62);
}

static void
new_page(struct layout *l)
{
	l->pages = sheet_add(l->sheet);
	l->y = TOP;
	if (l->pages > 1)
		running_head(l);
}

/* Room for so many points on this sheet, or a new one. */
static void
need(struct layout *l, double points)
{
	if (l->y + points > BOTTOM)
		new_page(l);
}

/* How many of n lines go on this sheet: all, or as many as leave two for the
 * next; 0: none. */
static size_t
lines_here(const struct layout *l, double leading, size_t n)
{
	size_t	 room;

	room = l->y >= BOTTOM ? 0 : (size_t)((BOTTOM - l->y) / leading + 1e-6);
	if (room >= n)
		return (n);
	if (room + 1 == n)
		room--;
	return (room < 2 ? 0 : room);
}

/* A hair longer: the next piece of it leaves no seam. */
static void
ground_under(struct layout *l, const struct ground *g, double height)
{
	height += .3;
	if (g->fill >= 0)
		sheet_box(l->sheet, (unsigned)g->fill, LEFT, l->y, WIDTH,
		    height, 0);
	if (g->band >= 0)
		sheet_box(l->sheet, (unsigned)g->band, LEFT, l->y, BAND,
		    height, 0);
}

static void
draw_lines(struct layout *l, const struct style *s, double x,
    const struct line *lines, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++, l->y += s->leading)
		sheet_text(l->sheet, s->weight, s->size, s->color, x,
		    l->y + s->leading * .5 + s->size * .36, lines[i].text,
		    lines[i].n);
}

/* A paragraph, over as many sheets as it takes. */
static void
flow(struct layout *l, const struct style *s, const struct ground *g,
    double x, double width, const char *text)
{
	const struct face	*f = l->faces[s->weight];
	char			*clean = typeset_clean(f, text);
	struct line		*lines;
	size_t			 at, here, n;

	lines = typeset_wrap(f, s->size, width, clean, &n);
	for (at = 0; at < n; at += here) {
		if ((here = lines_here(l, s->leading, n - at)) == 0) {
			new_page(l);
			here = lines_here(l, s->leading, n - at);
		}
		ground_under(l, g, (double)here * s->leading);
		draw_lines(l, s, x, lines + at, here);
	}
	free(lines);
	free(clean);
}

/* Some points of nothing, on the same ground. */
static void
space(struct layout *l, const struct ground *g, double points)
{
	if (l->y + points > BOTTOM)
		return;
	ground_under(l, g, points);
	l->y += points;
}

/* --- the first sheet ----------------------------------------------------- */

static void
masthead(struct layout *l)
{
	double	 y = 46;

	sheet_box(l->sheet, l->t->brand, LEFT, y, 22, 22, 6);
	icon_draw(l->sheet, "brand", LEFT + 4, y + 4, 14, l->t->brand_ink,
	    l->t->brand);
	(void)text_within(l, &brand, LEFT + 31, y + 9.5, WIDTH / 2,
	    l->t->operator_name);
	(void)text_at(l, &fine, LEFT + 31, y + 20, "Smart Record AI");
	text_right(l, &label, RIGHT, y + 14, l->t->kind);
	rule(l, y + 36);
	l->y = y + 62;
}

static void
title(struct layout *l)
{
	struct style	 when = { BOLD, 9, 13, l->t->brand };

	flow(l, &when, &bare, LEFT, WIDTH, l->t->date);
	l->y += 4;
	flow(l, &heading, &bare, LEFT, WIDTH, l->t->title);
	l->y += 10;
}

static const struct family *
family_of(const char *name)
{
	size_t	 i;

	for (i = sizeof(families) / sizeof(families[0]) - 1; i > 0; i--)
		if (name != NULL && strcmp(families[i].name, name) == 0)
			break;
	return (&families[i]);
}

static void
mood(struct layout *l)
{
	const struct family	*m = family_of(l->t->mood_family);
	struct style		 word = { BOLD, 9, 20, m->ink };
	char			 icon[64];
	double			 width;

	if (l->t->mood == NULL)
		return;
	need(l, 22);
	width = 34 + typeset_width(l->faces[BOLD], word.size, l->t->mood_word,
	    strlen(l->t->mood_word));
	sheet_box(l->sheet, m->ground, LEFT, l->y, width, 20, 10);
	(void)snprintf(icon, sizeof(icon), "mood-%s", l->t->mood);
	icon_draw(l->sheet, icon, LEFT + 7, l->y + 3, 14, m->ink, m->ground);
	(void)text_at(l, &word, LEFT + 25, l->y + 13.2, l->t->mood_word);
	l->y += 26;
	flow(l, &fine, &bare, LEFT, WIDTH, l->t->mood_note);
	l->y += 14;
}

/* One fact in its column; where it ends. */
static double
fact(struct layout *l, const struct transcript_fact *f, double x, double width)
{
	double	 top = l->y, bottom;

	flow(l, &label, &bare, x, width, f->label);
	flow(l, &value, &bare, x, width, f->value);
	if (f->detail != NULL)
		flow(l, &detail, &bare, x, width, f->detail);
	bottom = l->y;
	l->y = top;
	return (bottom);
}

/* Two facts a row; a row is never parted: values are at most a few lines. */
static void
facts(struct layout *l)
{
	double	 a, b, gutter = 24, width = (WIDTH - gutter) / 2;
	size_t	 i;

	rule(l, l->y);
	l->y += 12;
	for (i = 0; i < l->t->fact_count; i += 2) {
		need(l, 120);
		a = fact(l, &l->t->facts[i], LEFT, width);
		b = i + 1 < l->t->fact_count ? fact(l, &l->t->facts[i + 1],
		    LEFT + width + gutter, width) : a;
		l->y = (a > b ? a : b) + 9;
	}
	l->y += 5;
}

static void
section_head(struct layout *l, const char *icon, const char *text)
{
	l->y += 8;
	icon_draw(l->sheet, icon, LEFT, l->y + 1, 13, l->t->brand, WHITE);
	(void)text_at(l, &section, LEFT + 19, l->y + 12, text);
	l->y += 24;
}

static void
summary(struct layout *l)
{
	struct ground	 g = { (int)l->t->brand, PALE };

	if (l->t->summary == NULL)
		return;
	need(l, 110);
	section_head(l, "sparkle", l->t->summary_label);
	space(l, &g, 8);
	flow(l, &body, &g, LEFT + INDENT, WIDTH - 2 * INDENT, l->t->summary);
	space(l, &g, 4);
	flow(l, &fine, &g, LEFT + INDENT, WIDTH - 2 * INDENT,
	    l->t->summary_note);
	space(l, &g, 8);
	l->y += 12;
}

/* --- the exchange -------------------------------------------------------- */

/* "00:43 – Ursule Nadal". */
static void
turn_head(struct layout *l, const struct transcript_turn *t)
{
	struct style	 time = { REGULAR, 8, 14, INK_3 }, name = who;
	double		 x = LEFT + INDENT, y = l->y + 10.5;

	name.color = t->callee ? l->t->brand : INK;
	x = text_at(l, &time, x, y, t->time);
	x = text_at(l, &time, x, y, " – ");
	(void)text_within(l, &name, x, y, RIGHT - x, t->name);
}

static void
turn(struct layout *l, const struct transcript_turn *t)
{
	struct ground	 g = { t->callee ? (int)l->t->brand : GREY_BAND, -1 };

	need(l, who.leading + 2 * body.leading);
	ground_under(l, &g, who.leading);
	turn_head(l, t);
	l->y += who.leading;
	flow(l, &body, &g, LEFT + INDENT, WIDTH - INDENT, t->text);
	l->y += 9;
}

/* What happened between two turns: the recording was paused. */
static void
note(struct layout *l, const struct transcript_turn *t)
{
	need(l, 2 * fine.leading);
	icon_draw(l->sheet, "pause", LEFT + INDENT, l->y + 1.5, 8.5, INK_3,
	    WHITE);
	flow(l, &fine, &bare, LEFT + INDENT + 12, WIDTH - INDENT - 12,
	    t->text);
	l->y += 9;
}

static void
exchange(struct layout *l)
{
	size_t	 i;

	need(l, 90);
	section_head(l, "chat", l->t->exchange_label);
	if (l->t->turn_count == 0)
		flow(l, &body, &bare, LEFT, WIDTH, l->t->nothing);
	for (i = 0; i < l->t->turn_count; i++) {
		if (l->pages > TRANSCRIPT_PAGES_MAX ||
		    (l->pages == TRANSCRIPT_PAGES_MAX &&
		    l->y + 200 > BOTTOM)) {
			flow(l, &body, &bare, LEFT, WIDTH, l->t->cut);
			return;
		}
		if (l->t->turns[i].name != NULL)
			turn(l, &l->t->turns[i]);
		else
			note(l, &l->t->turns[i]);
	}
}

/* Once their number is known. */
static void
footers(struct layout *l)
{
	struct style	 number = { BOLD, 8, 12, INK_2 };
	char		 text[32];
	unsigned	 i;

	for (i = 0; i < l->pages; i++) {
		sheet_turn(l->sheet, i);
		rule(l, SHEET_HEIGHT - 62);
		l->y = SHEET_HEIGHT - 54;
		(void)text_within(l, &fine, LEFT, SHEET_HEIGHT - 46,
		    WIDTH - 60, l->t->footer);
		(void)snprintf(text, sizeof(text), "%u / %u", i + 1, l->pages);
		text_right(l, &number, RIGHT, SHEET_HEIGHT - 46, text);
	}
}

enum result
transcript_pdf(const struct transcript *t, const char *fonts, uint8_t **bytes,
    size_t *n)
{
	struct layout	 l = { .t = t };

	if ((l.sheet = sheet_new(fonts)) == NULL)
		return (FAILED);
	l.faces[REGULAR] = sheet_face(fonts, REGULAR);
	l.faces[BOLD] = sheet_face(fonts, BOLD);
	sheet_about(l.sheet, t->title, t->operator_name);
	new_page(&l);
	masthead(&l);
	title(&l);
	mood(&l);
	facts(&l);
	summary(&l);
	exchange(&l);
	footers(&l);
	return (sheet_finish(l.sheet, bytes, n));
}
