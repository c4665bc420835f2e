/*
 * A4 sheets of a PDF document (libharu): text in two weights of one face,
 * boxes, lines, pictures of the sprite. Lengths are points, y grows downward
 * from the top of the sheet. Errors are kept until sheet_finish(). A document
 * belongs to one thread at a time.
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

struct sheet;

/* Reads DejaVuSans.ttf and DejaVuSans-Bold.ttf of a folder, once a process.
 * NULL: they can't be read. */
const struct face *sheet_face(const char *fonts, enum weight w);

/* NULL: the fonts can't be read, or no memory. */
struct sheet	*sheet_new(const char *fonts);
/* What a reader's title bar and file manager show. */
void		 sheet_about(struct sheet *s, const char *title,
		    const char *author);
/* A new sheet; the number of sheets so far. */
unsigned	 sheet_add(struct sheet *s);
/* Goes back to the sheet i, from 0. */
void		 sheet_turn(struct sheet *s, unsigned i);

/* n bytes of clean text on a baseline. color: 0xrrggbb. */
void		 sheet_text(struct sheet *s, enum weight w, double size,
		    unsigned color, double x, double y, const char *text,
		    size_t n);
/* Filled, its corners rounded by r. */
void		 sheet_box(struct sheet *s, unsigned color, double x, double y,
		    double width, double height, double r);

/* A path between begin and end: filled (-1: not), drawn by a round pen (-1:
 * not) of a width. */
void		 sheet_begin(struct sheet *s, int fill, int pen,
		    double width);
void		 sheet_move(struct sheet *s, double x, double y);
void		 sheet_line(struct sheet *s, double x, double y);
void		 sheet_curve(struct sheet *s, double x1, double y1, double x2,
		    double y2, double x, double y);
void		 sheet_close(struct sheet *s);
void		 sheet_end(struct sheet *s);

/* The document, malloc'd; the sheets are gone in any case. FAILED. */
enum result	 sheet_finish(struct sheet *s, uint8_t **bytes, size_t *n);

#endif
