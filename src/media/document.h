/*
 * The common layout of PDF documents: A4 pages with a masthead of the operator,
 * a title, facts in two columns, paragraphs in one, running heads and footers.
 * Texts are valid UTF-8 in the language of the reader and must live as long as
 * the document; lengths are points. Equal texts give equal bytes.
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
#define DOCUMENT_TOP	88.0		/* below the running head */
#define DOCUMENT_BOTTOM	(SHEET_HEIGHT - 76.0)

/* The colours of light pages in assets/app.css. */
#define DOCUMENT_BRAND	0x3447c5	/* of the product */
#define DOCUMENT_INK	0x161d2b
#define DOCUMENT_INK_2	0x465064
#define DOCUMENT_INK_3	0x5b6578
#define DOCUMENT_LINE	0xe1e5ec
#define DOCUMENT_WHITE	0xffffff
#define DOCUMENT_PALE	0xf6f7fa

struct document_head {
	const char	*lang;		/* of the texts, BCP 47 */
	const char	*operator_name;
	unsigned	 brand;		/* 0xrrggbb, readable on white */
	unsigned	 brand_ink;	/* text on brand */
	const char	*kind;		/* "Transcription d’appel" */
	const char	*title;
	const char	*date;		/* formatted */
	const char	*footer;
};

struct document_fact {
	const char	*label;
	const char	*value;
	const char	*detail;	/* small text below value, or NULL */
};

struct document_style {
	enum weight	 weight;
	double		 size, leading;
	unsigned	 color;
};
extern const struct document_style	document_body, document_fine;

/* Colours of a band beside a text and of its background; -1: none. */
struct document_ground {
	int		 band, fill;
};
extern const struct document_ground	document_bare;

/* A document that is being made. Callers may draw on sheet themselves. */
struct document {
	struct sheet			*sheet;
	const struct document_head	*head;
	const struct face		*faces[2];
	double				 y;	/* top of the next block */
	unsigned			 pages;
};

/* Starts a document: the first page with masthead and title. fonts is the
 * folder of the fonts. Returns false when they are unreadable or memory is
 * exhausted. */
bool		 document_begin(struct document *,
		    const struct document_head *, const char *fonts);
/* Numbers the pages and frees the document. Returns OK, and *bytes, which the
 * caller frees; or FAILED. */
enum result	 document_finish(struct document *, uint8_t **bytes,
		    size_t *n);

/* Starts a new page unless this one has so many points left. */
void		 document_need(struct document *, double points);
/* Draws a line, then the facts, two in a row. */
void		 document_facts(struct document *,
		    const struct document_fact *, size_t n);
/* Draws the heading of a section with an icon of assets/icons.svg. */
void		 document_section(struct document *, const char *icon,
		    const char *text);
/* Draws a paragraph at x, on as many pages as needed. */
void		 document_flow(struct document *,
		    const struct document_style *,
		    const struct document_ground *, double x, double width,
		    const char *text);
/* Draws empty space on the same background. */
void		 document_space(struct document *,
		    const struct document_ground *, double points);
/* Draws only the background of the next block. */
void		 document_ground(struct document *,
		    const struct document_ground *, double height);
/* Draws one line of text of the current element on a baseline, whole or
 * truncated to a width. Returns the x where it ends. */
double		 document_text(struct document *,
		    const struct document_style *, double x, double y,
		    const char *text);
double		 document_text_within(struct document *,
		    const struct document_style *, double x, double y,
		    double width, const char *text);

#endif
