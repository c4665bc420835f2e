/*
 * The common layout of documents; see document.h. Text is in one column, so
 * that programs read it in order. No heading is left at the end of a page, and
 * no single line of a paragraph at its end or start.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/document.h"
#include "media/icon.h"
#include "media/typeset.h"

#define BAND		2.5

static const struct document_style	heading = { BOLD, 20, 26,
					    DOCUMENT_INK };
static const struct document_style	section = { BOLD, 12, 16,
					    DOCUMENT_INK };
static const struct document_style	label = { REGULAR, 8, 12,
					    DOCUMENT_INK_3 };
static const struct document_style	value = { BOLD, 9.5, 13.5,
					    DOCUMENT_INK };
static const struct document_style	detail = { REGULAR, 8.5, 12,
					    DOCUMENT_INK_2 };
static const struct document_style	brand = { BOLD, 10.5, 14,
					    DOCUMENT_INK };

const struct document_style	document_body = { REGULAR, 9.75, 15,
				    DOCUMENT_INK };
const struct document_style	document_fine = { REGULAR, 7.75, 11.5,
				    DOCUMENT_INK_3 };
const struct document_ground	document_bare = { -1, -1 };

double
document_text(struct document *d, const struct document_style *s, double x,
    double y, const char *text)
{
	const struct face	*f = d->faces[s->weight];
	char			*clean = typeset_clean(text);
	size_t			 n = strlen(clean);

	sheet_text(d->sheet, s->weight, s->size, s->color, x, y, clean, n);
	x += typeset_width(f, s->size, clean, n);
	free(clean);
	return (x);
}

/* Truncates the text to the width. */
double
document_text_within(struct document *d, const struct document_style *s,
    double x, double y, double width, const char *text)
{
	const struct face	*f = d->faces[s->weight];
	char			*clean = typeset_clean(text), *fit;

	fit = typeset_fit(f, s->size, width, clean);
	x = document_text(d, s, x, y, fit);
	free(clean);
	free(fit);
	return (x);
}

static void
draw_text_right(struct document *d, const struct document_style *s, double x,
    double y, const char *text)
{
	x -= typeset_width(d->faces[s->weight], s->size, text, strlen(text));
	(void)document_text(d, s, x, y, text);
}

static void
draw_rule(struct document *d, double y)
{
	sheet_begin(d->sheet, -1, DOCUMENT_LINE, .6);
	sheet_move(d->sheet, DOCUMENT_LEFT, y);
	sheet_line(d->sheet, DOCUMENT_RIGHT, y);
	sheet_end(d->sheet);
}

/* Draws the head of every page but the first. */
static void
draw_running_head(struct document *d)
{
	sheet_decorate(d->sheet, true);
	(void)document_text_within(d, &document_fine, DOCUMENT_LEFT, 52,
	    DOCUMENT_WIDTH / 2 - 12, d->head->title);
	draw_text_right(d, &document_fine, DOCUMENT_RIGHT, 52, d->head->date);
	draw_rule(d, 62);
	sheet_decorate(d->sheet, false);
}

static void
new_page(struct document *d)
{
	d->pages = sheet_add(d->sheet);
	d->y = DOCUMENT_TOP;
	if (d->pages > 1)
		draw_running_head(d);
}

void
document_need(struct document *d, double points)
{
	if (d->y + points > DOCUMENT_BOTTOM)
		new_page(d);
}

/* Number of n lines for this page: all, or as many as fit with at least two
 * left for the next page, or 0. */
static size_t
lines_here(const struct document *d, double leading, size_t n)
{
	size_t	 room;

	room = d->y >= DOCUMENT_BOTTOM ?
	    0 :
	    (size_t)((DOCUMENT_BOTTOM - d->y) / leading + 1e-6);
	if (room >= n)
		return (n);
	if (room + 1 == n)
		room--;
	return (room < 2 ? 0 : room);
}

/* The rectangles are slightly higher than the block, so that there is no gap
 * between two of them. */
void
document_ground(
    struct document *d, const struct document_ground *g, double height)
{
	height += .3;
	if (g->fill >= 0)
		sheet_box(d->sheet, (unsigned)g->fill, DOCUMENT_LEFT, d->y,
		    DOCUMENT_WIDTH, height, 0);
	if (g->band >= 0)
		sheet_box(d->sheet, (unsigned)g->band, DOCUMENT_LEFT, d->y,
		    BAND, height, 0);
}

static void
draw_lines(struct document *d, const struct document_style *s, double x,
    const struct line *lines, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++, d->y += s->leading)
		sheet_text(d->sheet, s->weight, s->size, s->color, x,
		    d->y + s->leading * .5 + s->size * .36, lines[i].text,
		    lines[i].n);
}

/* Draws a text of the current element. */
static void
flow(struct document *d, const struct document_style *s,
    const struct document_ground *g, double x, double width, const char *text)
{
	const struct face	*f = d->faces[s->weight];
	char			*clean = typeset_clean(text);
	struct line		*lines;
	size_t			 at, here, n;

	lines = typeset_wrap(f, s->size, width, clean, &n);
	for (at = 0; at < n; at += here) {
		if ((here = lines_here(d, s->leading, n - at)) == 0) {
			new_page(d);
			here = lines_here(d, s->leading, n - at);
		}
		document_ground(d, g, (double)here * s->leading);
		draw_lines(d, s, x, lines + at, here);
	}
	free(lines);
	free(clean);
}

void
document_flow(struct document *d, const struct document_style *s,
    const struct document_ground *g, double x, double width, const char *text)
{
	sheet_element(d->sheet, PARAGRAPH);
	flow(d, s, g, x, width, text);
}

void
document_space(
    struct document *d, const struct document_ground *g, double points)
{
	if (d->y + points > DOCUMENT_BOTTOM)
		return;
	document_ground(d, g, points);
	d->y += points;
}

/* --- the first page ------------------------------------------------------ */

static void
draw_masthead(struct document *d)
{
	double	 y = 46;

	sheet_box(d->sheet, d->head->brand, DOCUMENT_LEFT, y, 22, 22, 6);
	icon_draw(d->sheet, "brand", DOCUMENT_LEFT + 4, y + 4, 14,
	    d->head->brand_ink, d->head->brand);
	sheet_element(d->sheet, PARAGRAPH);
	(void)document_text_within(d, &brand, DOCUMENT_LEFT + 31, y + 9.5,
	    DOCUMENT_WIDTH / 2, d->head->operator_name);
	sheet_element(d->sheet, PARAGRAPH);
	(void)document_text(
	    d, &document_fine, DOCUMENT_LEFT + 31, y + 20, "Smart Record AI");
	sheet_element(d->sheet, PARAGRAPH);
	draw_text_right(d, &label, DOCUMENT_RIGHT, y + 14, d->head->kind);
	draw_rule(d, y + 36);
	d->y = y + 62;
}

static void
draw_title(struct document *d)
{
	struct document_style	 when = { BOLD, 9, 13, d->head->brand };

	document_flow(d, &when, &document_bare, DOCUMENT_LEFT, DOCUMENT_WIDTH,
	    d->head->date);
	d->y += 4;
	sheet_element(d->sheet, TITLE);
	flow(d, &heading, &document_bare, DOCUMENT_LEFT, DOCUMENT_WIDTH,
	    d->head->title);
	d->y += 10;
}

/* Draws a fact in its column. Returns the y where it ends. */
static double
draw_fact(struct document *d, const struct document_fact *f, double x,
    double width)
{
	double	 top = d->y, bottom;

	document_flow(d, &label, &document_bare, x, width, f->label);
	document_flow(d, &value, &document_bare, x, width, f->value);
	if (f->detail != NULL)
		document_flow(d, &detail, &document_bare, x, width, f->detail);
	bottom = d->y;
	d->y = top;
	return (bottom);
}

/* A row of facts is never split between pages; values have few lines. */
void
document_facts(struct document *d, const struct document_fact *list, size_t n)
{
	double	 a, b, gutter = 24, width = (DOCUMENT_WIDTH - gutter) / 2;
	size_t	 i;

	draw_rule(d, d->y);
	d->y += 12;
	for (i = 0; i < n; i += 2) {
		document_need(d, 120);
		a = draw_fact(d, &list[i], DOCUMENT_LEFT, width);
		b = i + 1 < n ? draw_fact(d, &list[i + 1],
				    DOCUMENT_LEFT + width + gutter, width) :
				a;
		d->y = (a > b ? a : b) + 9;
	}
	d->y += 5;
}

void
document_section(struct document *d, const char *icon, const char *text)
{
	d->y += 8;
	icon_draw(d->sheet, icon, DOCUMENT_LEFT, d->y + 1, 13, d->head->brand,
	    DOCUMENT_WHITE);
	sheet_element(d->sheet, HEADING);
	(void)document_text(d, &section, DOCUMENT_LEFT + 19, d->y + 12, text);
	d->y += 24;
}

/* Draws the footers, when the number of pages is known. */
static void
draw_footers(struct document *d)
{
	struct document_style	 number = { BOLD, 8, 12, DOCUMENT_INK_2 };
	char			*clean = typeset_clean(d->head->footer);
	char			 text[32];
	struct line		*lines;
	size_t			 n;
	unsigned		 i;

	lines = typeset_wrap(d->faces[document_fine.weight],
	    document_fine.size, DOCUMENT_WIDTH - 60, clean, &n);
	for (i = 0; i < d->pages; i++) {
		sheet_turn(d->sheet, i);
		draw_rule(d, SHEET_HEIGHT - 62);
		d->y = SHEET_HEIGHT - 54;
		draw_lines(d, &document_fine, DOCUMENT_LEFT, lines, n);
		(void)snprintf(text, sizeof(text), "%u / %u", i + 1, d->pages);
		draw_text_right(d, &number, DOCUMENT_RIGHT, SHEET_HEIGHT - 46,
		    text);
	}
	free(lines);
	free(clean);
}

bool
document_begin(
    struct document *d, const struct document_head *head, const char *fonts)
{
	memset(d, 0, sizeof(*d));
	d->head = head;
	if ((d->sheet = sheet_new(fonts, head->lang)) == NULL)
		return (false);
	d->faces[REGULAR] = sheet_face(fonts, REGULAR);
	d->faces[BOLD] = sheet_face(fonts, BOLD);
	sheet_about(d->sheet, head->title, head->operator_name);
	new_page(d);
	draw_masthead(d);
	draw_title(d);
	return (true);
}

enum result
document_finish(struct document *d, uint8_t **bytes, size_t *n)
{
	draw_footers(d);
	return (sheet_finish(d->sheet, bytes, n));
}
