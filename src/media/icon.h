/*
 * Draws icons of assets/icons.svg on a PDF page, so that pages and documents
 * have the same icons.
 */
#ifndef MEDIA_ICON_H
#define MEDIA_ICON_H

#include "media/sheet.h"

/* Draws an icon, size points wide and high, in one colour. ground is the
 * colour below it, for transparent parts. An unknown name draws nothing. */
void	icon_draw(struct sheet *s, const char *name, double x, double y,
	    double size, unsigned color, unsigned ground);

#endif
