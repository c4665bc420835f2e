/*
 * Pictures of the page's sprite (assets/icons.svg) on a sheet, so that a
 * mood has the same face on screen and on paper.
 */
#ifndef MEDIA_ICON_H
#define MEDIA_ICON_H

#include "media/sheet.h"

/* The symbol, size points wide and high, in one colour; ground: the colour
 * under it, for what is see-through. An unknown name draws nothing. */
void	icon_draw(struct sheet *s, const char *name, double x, double y,
	    double size, unsigned color, unsigned ground);

#endif
