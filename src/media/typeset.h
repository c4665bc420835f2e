/*
 * Breaks text into lines by the rules of French and English. Removes invisible
 * and direction-changing characters. Those that a font lacks stay in the text
 * and are drawn as U+25A1.
 */
#ifndef MEDIA_TYPESET_H
#define MEDIA_TYPESET_H

#include <stddef.h>

#include "media/face.h"

struct line {
	const char	*text;	/* inside the wrapped text */
	size_t		 n;	/* bytes, without the space at the break */
};

/* Prepares valid UTF-8: one space for control characters and for all spaces
 * but the no-break ones, nothing for invisible characters. The caller frees the
 * result. */
char	*typeset_clean(const char *text);
/* Returns n bytes of clean text as they are drawn: U+25A1 for each character
 * that the font lacks. The caller frees the result. */
char	*typeset_drawn(const struct face *f, const char *text, size_t n);
/* Width in points of n bytes of clean text at a font size. */
double	 typeset_width(const struct face *f, double size, const char *text,
	    size_t n);
/* Breaks clean text into *n lines of at most width points; an empty text is
 * one empty line. A word longer than a line is split. The caller frees the
 * result. */
struct line *typeset_wrap(const struct face *f, double size, double width,
	    const char *text, size_t *n);
/* Truncates clean text with an ellipsis to width points. The caller frees the
 * result. */
char	*typeset_fit(const struct face *f, double size, double width,
	    const char *text);

#endif
