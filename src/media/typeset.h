/*
 * Breaks text into lines by the rules of French and English. Replaces
 * characters that a font lacks, and removes invisible and direction-changing
 * ones.
 */
#ifndef MEDIA_TYPESET_H
#define MEDIA_TYPESET_H

#include <stddef.h>

#include "media/face.h"

struct line {
	const char	*text;	/* inside the wrapped text */
	size_t		 n;	/* bytes, without the space at the break */
};

/* Prepares valid UTF-8 for a font: U+25A1 for each character that it lacks, one
 * space for control characters and for spaces that it lacks, nothing for
 * invisible characters. The caller frees the result. */
char	*typeset_clean(const struct face *f, const char *text);
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
