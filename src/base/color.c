/* Colours and their contrast, see color.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/color.h"

#define READABLE	4.5
#define STEPS		50	/* from the colour to black or white */

struct rgb {
	double	 r, g, b;	/* 0 to 1, gamma-encoded */
};

/* The lightest and the darkest background of text in app.css. */
static const char *const grounds[][2] = {
	{ "#ffffff", "#f0f2f6" },	/* light: --surface, --sunken */
	{ "#11161f", "#1d2430" },	/* dark: --sunken, --raised */
};

static const struct rgb	black = { 0, 0, 0 }, white = { 1, 1, 1 };

bool
color_valid(const char *color)
{
	return (strlen(color) == 7 && color[0] == '#' &&
	    strspn(color + 1, "0123456789abcdefABCDEF") == 6);
}

static struct rgb
color_read(const char *color)
{
	unsigned long	n = strtoul(color + 1, NULL, 16);

	return ((struct rgb){ (double)(n >> 16) / 255,
	    (double)(n >> 8 & 255) / 255, (double)(n & 255) / 255 });
}

static void
color_write(struct rgb c, char text[COLOR_TEXT])
{
	snprintf(text, COLOR_TEXT, "#%02x%02x%02x",
	    (unsigned)(c.r * 255 + .5) & 255, (unsigned)(c.g * 255 + .5) & 255,
	    (unsigned)(c.b * 255 + .5) & 255);
}

static struct rgb
color_mix(struct rgb a, struct rgb b, double part)
{
	return ((struct rgb){ a.r + (b.r - a.r) * part,
	    a.g + (b.g - a.g) * part, a.b + (b.b - a.b) * part });
}

/* One channel of the relative luminance (WCAG 2.2). */
static double
channel_linear(double v)
{
	return (v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
}

static double
luminance(struct rgb c)
{
	return (0.2126 * channel_linear(c.r) + 0.7152 * channel_linear(c.g) +
	    0.0722 * channel_linear(c.b));
}

double
color_contrast(const char *a, const char *b)
{
	double	la = luminance(color_read(a)), lb = luminance(color_read(b));

	return (la > lb ? (la + 0.05) / (lb + 0.05) :
	    (lb + 0.05) / (la + 0.05));
}

static void
tones_of(struct rgb brand, bool dark, struct color_tones *out)
{
	struct rgb	ground = color_read(grounds[dark][dark]);

	color_write(brand, out->brand);
	color_write(color_mix(brand, dark ? white : black, 0.22), out->strong);
	color_write(dark ? color_mix(brand, black, 0.88) : white, out->ink);
	color_write(color_mix(brand, ground, dark ? 0.8 : 0.9), out->soft);
}

static bool
tones_readable(const struct color_tones *t, bool dark)
{
	return (color_contrast(t->brand, t->soft) >= READABLE &&
	    color_contrast(t->brand, t->ink) >= READABLE &&
	    color_contrast(t->strong, t->ink) >= READABLE &&
	    color_contrast(t->brand, grounds[dark][0]) >= READABLE &&
	    color_contrast(t->brand, grounds[dark][1]) >= READABLE);
}

void
color_tones(const char *color, bool dark, struct color_tones *out)
{
	struct rgb	given = color_read(color);
	int		step;

	for (step = 0; step <= STEPS; step++) {
		tones_of(color_mix(given, dark ? white : black,
		    (double)step / STEPS), dark, out);
		if (tones_readable(out, dark))
			break;
	}
}
