/*
 * What our PDF documents have in common: A4 sheets with the operator's
 * masthead, a title, facts in two columns, paragraphs in one, running heads
 * and feet. All texts are valid UTF-8 in the reader's language, and borrowed;
 * lengths are points. Knows neither requests nor the loop. The same texts give
 * the same bytes.
 */
#ifndef MEDIA_DOCUMENT_H
#define MEDIA_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "media/sheet.h"

#define DOCUMENT_LEFT	62.0
#define DOCUMENT_RIGHT	(SHEET_WIDTH - 62.0)
#define DOCUMENT_WIDTH	(DOCUMENT_RIGHT - DOCUMENT_LEFT)
#define DOCUMENT_TOP	88.0		/* under the running head */
#define DOCUMENT_BOTTOM	(SHEET_HEIGHT - 76.0)

/* The page's own colours (assets/app.css, light). */
#define DOCUMENT_BRAND	0x3447c5	/* the product's own */
#define DOCUMENT_INK	0x161d2b
#define DOCUMENT_INK_2	0x465064
#define DOCUMENT_INK_3	0x5b6578
#define DOCUMENT_LINE	0xe1e5ec
#define DOCUMENT_WHITE	0xffffff
#define DOCUMENT_PALE	0xf6f7fa

struct document_head {
	const char	*operator_name;
	unsigned	 brand;		/* 0xrrggbb, readable on white */
	unsigned	 brand_ink;	/* on that */
	const char	*kind;		/* "Transcription d’appel" */
	const char	*title;
	const char	*date;		/* in words */
	const char	*footer;
};

struct document_fact {
	const char	*label;
	const char	*value;
	const char	*detail;	/* smaller, under it; or NULL */
};

struct document_style {
	enum weight	 weight;
	double		 size, leading;
	unsigned	 color;
};
extern const struct document_style	document_body, document_fine;

/* A block of text beside or upon a colour; -1: none. */
struct document_ground {
	int		 band, fill;
};
extern const struct document_ground	document_bare;

/* One in the making; its members are for those who draw on it themselves. */
struct document {
	struct sheet			*sheet;
	const struct document_head	*head;
	const struct face		*faces[2];
	double				 y;	/* of what comes next */
	unsigned			 pages;
};

/* The first sheet with its masthead and title. false: the fonts can't be
 * read, or no memory. */
bool		 document_begin(struct document *,
		    const struct document_head *, const char *fonts);
/* Numbers the sheets; *bytes is malloc'd. FAILED. */
enum result	 document_finish(struct document *, uint8_t **bytes,
		    size_t *n);

/* Room for so many points on this sheet, or a new one. */
void		 document_need(struct document *, double points);
/* Two facts a row, a line above. */
void		 document_facts(struct document *,
		    const struct document_fact *, size_t n);
/* A head with a picture of the sprite. */
void		 document_section(struct document *, const char *icon,
		    const char *text);
/* A paragraph from x on, over as many sheets as it takes. */
void		 document_flow(struct document *,
		    const struct document_style *,
		    const struct document_ground *, double x, double width,
		    const char *text);
/* Some points of nothing, on the same ground. */
void		 document_space(struct document *,
		    const struct document_ground *, double points);
/* The ground alone, under what comes next. */
void		 document_ground(struct document *,
		    const struct document_ground *, double height);
/* One line of text on a baseline, whole or cut to a width; where it ends. */
double		 document_text(struct document *,
		    const struct document_style *, double x, double y,
		    const char *text);
double		 document_text_within(struct document *,
		    const struct document_style *, double x, double y,
		    double width, const char *text);

#endif
