/*
 * Draws the mood, the summary and the exchange of a transcript. The colour of a
 * band at the left of the exchange shows who speaks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/icon.h"
#include "media/transcript_pdf.h"
#include "media/typeset.h"

#define INDENT		14.0		/* of text beside a band */
#define GREY_BAND	0xc5ccd8

static const struct document_style	who = { BOLD, 8.5, 14,
					    DOCUMENT_INK_2 };

static const struct family {
	const char	*name;
	unsigned	 ink, ground;
} families[] = {
	{ "neutral", 0x3f4a5a, 0xeef1f5 }, { "good", 0x0b5d3b, 0xe4f5ec },
	{ "uneasy", 0x7a4a00, 0xfdf0d8 }, { "bad", 0xa1121f, 0xfdeaec },
};

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
draw_mood(struct document *d, const struct transcript *t)
{
	const struct family	*m = family_of(t->mood_family);
	struct document_style	 word = { BOLD, 9, 20, m->ink };
	char			 icon[64];
	double			 width;

	if (t->mood == NULL)
		return;
	document_need(d, 22);
	width = 34 +
	    typeset_width(
		d->faces[BOLD], word.size, t->mood_word, strlen(t->mood_word));
	sheet_box(d->sheet, m->ground, DOCUMENT_LEFT, d->y, width, 20, 10);
	(void)snprintf(icon, sizeof(icon), "mood-%s", t->mood);
	icon_draw(
	    d->sheet, icon, DOCUMENT_LEFT + 7, d->y + 3, 14, m->ink, m->ground);
	sheet_element(d->sheet, PARAGRAPH);
	(void)document_text(
	    d, &word, DOCUMENT_LEFT + 25, d->y + 13.2, t->mood_word);
	d->y += 26;
	document_flow(d, &document_fine, &document_bare, DOCUMENT_LEFT,
	    DOCUMENT_WIDTH, t->mood_note);
	d->y += 14;
}

static void
draw_summary(struct document *d, const struct transcript *t)
{
	struct document_ground	 g = { (int)d->head->brand,
				    DOCUMENT_PALE };

	if (t->summary == NULL)
		return;
	document_need(d, 110);
	document_section(d, "sparkle", t->summary_label);
	document_space(d, &g, 8);
	document_flow(d, &document_body, &g, DOCUMENT_LEFT + INDENT,
	    DOCUMENT_WIDTH - 2 * INDENT, t->summary);
	document_space(d, &g, 4);
	document_flow(d, &document_fine, &g, DOCUMENT_LEFT + INDENT,
	    DOCUMENT_WIDTH - 2 * INDENT, t->summary_note);
	document_space(d, &g, 8);
	d->y += 12;
}

/* --- the exchange -------------------------------------------------------- */

/* Draws "00:43 – Ursule Nadal". */
static void
draw_turn_head(struct document *d, const struct transcript_turn *t)
{
	struct document_style	 time = { REGULAR, 8, 14, DOCUMENT_INK_3 },
			      name = who;
	double			 x = DOCUMENT_LEFT + INDENT, y = d->y + 10.5;

	sheet_element(d->sheet, PARAGRAPH);
	name.color = t->callee ? d->head->brand : DOCUMENT_INK;
	x = document_text(d, &time, x, y, t->time);
	x = document_text(d, &time, x, y, " – ");
	(void)document_text_within(d, &name, x, y, DOCUMENT_RIGHT - x, t->name);
}

static void
draw_turn(struct document *d, const struct transcript_turn *t)
{
	struct document_ground g = {
		t->callee ? (int)d->head->brand : GREY_BAND, -1
	};

	document_need(d, who.leading + 2 * document_body.leading);
	document_ground(d, &g, who.leading);
	draw_turn_head(d, t);
	d->y += who.leading;
	document_flow(d, &document_body, &g, DOCUMENT_LEFT + INDENT,
	    DOCUMENT_WIDTH - INDENT, t->text);
	d->y += 9;
}

/* Draws a note between two turns: the recording was paused. */
static void
draw_note(struct document *d, const struct transcript_turn *t)
{
	document_need(d, 2 * document_fine.leading);
	icon_draw(d->sheet, "pause", DOCUMENT_LEFT + INDENT, d->y + 1.5, 8.5,
	    DOCUMENT_INK_3, DOCUMENT_WHITE);
	document_flow(d, &document_fine, &document_bare,
	    DOCUMENT_LEFT + INDENT + 12, DOCUMENT_WIDTH - INDENT - 12, t->text);
	d->y += 9;
}

static void
draw_exchange(struct document *d, const struct transcript *t)
{
	size_t	 i;

	document_need(d, 90);
	document_section(d, "chat", t->exchange_label);
	if (t->turn_count == 0)
		document_flow(d, &document_body, &document_bare, DOCUMENT_LEFT,
		    DOCUMENT_WIDTH, t->nothing);
	for (i = 0; i < t->turn_count; i++) {
		if (d->pages > TRANSCRIPT_PAGES_MAX ||
		    (d->pages == TRANSCRIPT_PAGES_MAX &&
			d->y + 200 > DOCUMENT_BOTTOM)) {
			document_flow(d, &document_body, &document_bare,
			    DOCUMENT_LEFT, DOCUMENT_WIDTH, t->cut);
			return;
		}
		if (t->turns[i].name != NULL)
			draw_turn(d, &t->turns[i]);
		else
			draw_note(d, &t->turns[i]);
	}
}

enum result
transcript_pdf(
    const struct transcript *t, const char *fonts, uint8_t **bytes, size_t *n)
{
	struct document	 d;

	if (!document_begin(&d, &t->head, fonts))
		return (FAILED);
	draw_mood(&d, t);
	document_facts(&d, t->facts, t->fact_count);
	draw_summary(&d, t);
	draw_exchange(&d, t);
	return (document_finish(&d, bytes, n));
}
