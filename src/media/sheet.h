/*
 * A4 pages of a PDF document (libharu): text in two weights of one font, boxes
 * and paths. Lengths are points; y increases downward from the top of the page.
 * sheet_finish() reports earlier errors. Only one thread at a time may use a
 * document.
 */
#ifndef MEDIA_SHEET_H
#define MEDIA_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "media/face.h"

#define SHEET_WIDTH	595.28
#define SHEET_HEIGHT	841.89

enum weight { REGULAR, BOLD };
enum element { PARAGRAPH, TITLE, HEADING };

struct sheet;

/* Returns the widths of DejaVuSans.ttf or DejaVuSans-Bold.ttf in the folder
 * fonts, which are read once in a process. NULL when they are unreadable. */
const struct face *sheet_face(const char *fonts, enum weight w);

/* Starts a document in a language (BCP 47). Returns NULL when the fonts are
 * unreadable or memory is exhausted. */
struct sheet	*sheet_new(const char *fonts, const char *lang);
/* Sets the metadata of the document. */
void		 sheet_about(struct sheet *s, const char *title,
		    const char *author);
/* Adds a page. Returns the number of pages. */
unsigned	 sheet_add(struct sheet *s);
/* Makes page i, from 0, the current page, for decoration only. */
void		 sheet_turn(struct sheet *s, unsigned i);

/* Starts an element of the document, of the following texts: programs read them
 * in this order. Boxes and paths are decoration. */
void		 sheet_element(struct sheet *s, enum element e);
/* Whether the following texts are decoration (running heads, footers) instead
 * of the current element. */
void		 sheet_decorate(struct sheet *s, bool decoration);

/* Draws n bytes of text from typeset_clean() on a baseline. color is 0xrrggbb.
 * Characters that the font lacks are drawn as U+25A1; copying gives them. */
void		 sheet_text(struct sheet *s, enum weight w, double size,
		    unsigned color, double x, double y, const char *text,
		    size_t n);
/* Draws a filled box with corners of radius r. */
void		 sheet_box(struct sheet *s, unsigned color, double x, double y,
		    double width, double height, double r);

/* Draws a path, from sheet_begin() to sheet_end(), with a fill colour and a
 * stroke colour (-1: none). Strokes have round ends. */
void		 sheet_begin(struct sheet *s, int fill, int pen,
		    double width);
void		 sheet_move(struct sheet *s, double x, double y);
void		 sheet_line(struct sheet *s, double x, double y);
void		 sheet_curve(struct sheet *s, double x1, double y1, double x2,
		    double y2, double x, double y);
void		 sheet_close(struct sheet *s);
void		 sheet_end(struct sheet *s);

/* Returns OK and the bytes of the document, which the caller frees; or FAILED.
 * Frees s in both cases. */
enum result	 sheet_finish(struct sheet *s, uint8_t **bytes, size_t *n);

#endif
