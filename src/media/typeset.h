/*
 * Text into lines: what a face can't show is replaced, what would turn text
 * around goes, lines break where French and English let them. Pure.
 */
#ifndef MEDIA_TYPESET_H
#define MEDIA_TYPESET_H

#include <stddef.h>

#include "media/face.h"

struct line {
	const char	*text;	/* in the text that was wrapped */
	size_t		 n;	/* bytes, without the space that it broke at */
};

/* The text as the face shows it, malloc'd: U+25A1 for each character that it
 * lacks, nothing for marks that can't be seen, one space for control
 * characters and each kind of space it lacks. text: valid UTF-8. */
char	*typeset_clean(const struct face *f, const char *text);
/* Points that n bytes of clean text take at a size. */
double	 typeset_width(const struct face *f, double size, const char *text,
	    size_t n);
/* Lines of at most width points, malloc'd, *n of them (one, empty, for an
 * empty text). A word longer than a line is broken. */
struct line *typeset_wrap(const struct face *f, double size, double width,
	    const char *text, size_t *n);
/* The text, malloc'd, cut with an ellipsis to width points. */
char	*typeset_fit(const struct face *f, double size, double width,
	    const char *text);

#endif
