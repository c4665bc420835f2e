/*
 * An operator's colour and the shades that pages make of it, each readable
 * where it is used (WCAG 2.2, 1.4.3: contrast of 4.5 to 1 and more). Pure.
 */
#ifndef BASE_COLOR_H
#define BASE_COLOR_H

#include <stdbool.h>

#define COLOR_TEXT	8	/* "#1f5fa8" and its end */

/* What app.css calls --brand, --brand-strong, --brand-ink, --brand-soft. */
struct color_tones {
	char	 brand[COLOR_TEXT];	/* text, lines, buttons */
	char	 strong[COLOR_TEXT];	/* the button under the pointer */
	char	 ink[COLOR_TEXT];	/* on brand and on strong */
	char	 soft[COLOR_TEXT];	/* a ground for brand and for text */
};

/* "#" and six digits, in either case? */
bool	color_valid(const char *color);
/* Contrast of two valid colours, from 1 to 21 (WCAG 2.2, "contrast ratio"). */
double	color_contrast(const char *a, const char *b);
/* The tones of a valid colour: darkened in light pages, lightened in dark
 * ones, as far as it takes and no further. */
void	color_tones(const char *color, bool dark, struct color_tones *out);

#endif
