/*
 * An operator's colour and the tones that pages derive from it. Each has a
 * contrast of at least 4.5 to 1 with its background (WCAG 2.2, 1.4.3).
 */
#ifndef BASE_COLOR_H
#define BASE_COLOR_H

#include <stdbool.h>

#define COLOR_TEXT	8	/* "#1f5fa8" and the NUL */

/* The variables --brand, --brand-strong, --brand-ink, --brand-soft of
 * app.css. */
struct color_tones {
	char	 brand[COLOR_TEXT];	/* text, lines, buttons */
	char	 strong[COLOR_TEXT];	/* the button under the pointer */
	char	 ink[COLOR_TEXT];	/* text on brand and on strong */
	char	 soft[COLOR_TEXT];	/* background of brand and of text */
};

/* Returns whether color is "#" and six hexadecimal digits. */
bool	color_valid(const char *color);
/* Contrast ratio of two valid colours, from 1 to 21 (WCAG 2.2). */
double	color_contrast(const char *a, const char *b);
/* Computes the tones of a valid colour. The colour is darkened for light
 * pages and lightened for dark ones, only until the contrast is enough. */
void	color_tones(const char *color, bool dark, struct color_tones *out);

#endif
