/*
 * Draws icons. Implements the part of SVG 2 that assets/icons.svg uses: path (M
 * L H V C S A Z, arcs of circles only), circle, g; fill, fill-opacity, stroke
 * and stroke-width in one colour.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "media/icon.h"

#define SPRITE		"assets/icons.svg"
#define GRID		24.0	/* units of the viewBox of each symbol */

struct pen {
	struct sheet	*sheet;
	double		 left, top, scale;
	double		 x, y;			/* position in units */
	double		 start_x, start_y;	/* of the subpath */
	double		 cx, cy;		/* last control point of a C */
	unsigned	 color, ground;
	bool		 fill, draw;
	double		 opacity, width;	/* of fill; of stroke */
};

static double
pen_x(const struct pen *p, double x)
{
	return (p->left + x * p->scale);
}

static double
pen_y(const struct pen *p, double y)
{
	return (p->top + y * p->scale);
}

static void
curve_to(struct pen *p, double x1, double y1, double x2, double y2, double x,
    double y)
{
	sheet_curve(p->sheet, pen_x(p, x1), pen_y(p, y1), pen_x(p, x2),
	    pen_y(p, y2), pen_x(p, x), pen_y(p, y));
	p->cx = x2;
	p->cy = y2;
	p->x = x;
	p->y = y;
}

static void
line_to(struct pen *p, double x, double y)
{
	sheet_line(p->sheet, pen_x(p, x), pen_y(p, y));
	p->x = p->cx = x;
	p->y = p->cy = y;
}

static void
move_to(struct pen *p, double x, double y)
{
	sheet_move(p->sheet, pen_x(p, x), pen_y(p, y));
	p->x = p->cx = p->start_x = x;
	p->y = p->cy = p->start_y = y;
}

/* Draws a circular arc around (mx, my) from angle a over da, as curves of at
 * most a quarter circle (SVG 2, appendix B.2). */
static void
draw_arc(struct pen *p, double mx, double my, double r, double a, double da)
{
	double	 b, k, step;
	int	 i, n;

	n = (int)ceil(fabs(da) / (M_PI / 2) - 1e-6);
	step = da / n;
	k = 4.0 / 3 * tan(step / 4) * r;
	for (i = 0; i < n; i++, a += step) {
		b = a + step;
		curve_to(p, mx + r * cos(a) - k * sin(a),
		    my + r * sin(a) + k * cos(a),
		    mx + r * cos(b) + k * sin(b),
		    my + r * sin(b) - k * cos(b),
		    mx + r * cos(b), my + r * sin(b));
	}
}

/* Draws an arc to (x, y), absolute. v: radius, radius, 0, large, sweep. */
static void
arc_to(struct pen *p, const double *v, double x, double y)
{
	double	 a, da, half, h, mx, my, r = v[0], side;

	half = hypot(x - p->x, y - p->y) / 2;
	if (half == 0)
		return;
	if (r < half)
		r = half;
	h = sqrt(r * r - half * half);
	side = (v[3] != 0) == (v[4] != 0) ? 1 : -1;
	mx = (p->x + x) / 2 + side * h * (y - p->y) / (2 * half);
	my = (p->y + y) / 2 - side * h * (x - p->x) / (2 * half);
	a = atan2(p->y - my, p->x - mx);
	da = atan2(y - my, x - mx) - a;
	if (v[4] != 0 && da < 0)
		da += 2 * M_PI;
	if (v[4] == 0 && da > 0)
		da -= 2 * M_PI;
	draw_arc(p, mx, my, r, a, da);
	p->cx = p->x;
	p->cy = p->y;
}

/* Draws a command with its numbers v; (x, y) is the origin of relative
 * coordinates. */
static void
path_command(struct pen *p, char c, const double *v, double x, double y)
{
	switch (c) {
	case 'm':
		move_to(p, x + v[0], y + v[1]);
		break;
	case 'l':
		line_to(p, x + v[0], y + v[1]);
		break;
	case 'h':
		line_to(p, x + v[0], p->y);
		break;
	case 'v':
		line_to(p, p->x, y + v[0]);
		break;
	case 'c':
		curve_to(p, x + v[0], y + v[1], x + v[2], y + v[3], x + v[4],
		    y + v[5]);
		break;
	case 's':	/* the first control point mirrors the last one */
		curve_to(p, 2 * p->x - p->cx, 2 * p->y - p->cy, x + v[0],
		    y + v[1], x + v[2], y + v[3]);
		break;
	case 'a':
		arc_to(p, v, x + v[5], y + v[6]);
		break;
	}
}

static int
numbers_of(char c)
{
	static const char	 letters[] = "mlhvcsa";
	static const int	 counts[] = { 2, 2, 1, 1, 6, 4, 7 };
	const char		*at;

	at = c == '\0' ? NULL : strchr(letters, c);
	return (at == NULL ? 0 : counts[at - letters]);
}

/* Reads n numbers. Returns NULL when there are fewer. */
static const char *
read_numbers(const char *d, double *v, int n)
{
	char	*end;
	int	 i;

	for (i = 0; i < n; i++) {
		d += strspn(d, " ,");
		v[i] = strtod(d, &end);
		if (end == d)
			return (NULL);
		d = end;
	}
	return (d);
}

/* Draws a path; its data d ends with a quote. */
static void
draw_path(struct pen *p, const char *d)
{
	const char	*after;
	double		 v[7];
	char		 c = '\0', upper;
	bool		 relative = false;

	for (;;) {
		d += strspn(d, " ,");
		upper = (char)(*d & ~0x20);
		if (upper >= 'A' && upper <= 'Z') {
			relative = *d++ != upper;
			c = (char)(upper | 0x20);
		}
		if (c == 'z') {
			sheet_close(p->sheet);
			p->x = p->cx = p->start_x;
			p->y = p->cy = p->start_y;
			c = '\0';
			continue;
		}
		after = read_numbers(d, v, numbers_of(c));
		if (after == NULL || after == d)
			return;
		d = after;
		path_command(p, c, v, relative ? p->x : 0, relative ? p->y : 0);
		c = c == 'm' ? 'l' : c;
	}
}

/* Value of an attribute of the tag, or NULL. */
static const char *
attribute(const char *tag, const char *name)
{
	size_t		 n = strlen(name);
	const char	*at;

	for (at = tag; *at != '>' && *at != '\0'; at++)
		if (*at == ' ' && strncmp(at + 1, name, n) == 0 &&
		    strncmp(at + 1 + n, "=\"", 2) == 0)
			return (at + n + 3);
	return (NULL);
}

static double
number_attribute(const char *tag, const char *name, double otherwise)
{
	const char	*value = attribute(tag, name);

	return (value == NULL ? otherwise : strtod(value, NULL));
}

/* Applies the style attributes of the tag. */
static void
apply_style(struct pen *p, const char *tag)
{
	const char	*value;

	if ((value = attribute(tag, "fill")) != NULL)
		p->fill = strncmp(value, "none", 4) != 0;
	if ((value = attribute(tag, "stroke")) != NULL)
		p->draw = strncmp(value, "none", 4) != 0;
	p->width = number_attribute(tag, "stroke-width", p->width);
	p->opacity = number_attribute(tag, "fill-opacity", 1);
}

/* Blends the colour with the ground by its opacity. */
static int
blended_color(const struct pen *p)
{
	int	 c, g, mix = 0, shift;

	for (shift = 0; shift <= 16; shift += 8) {
		c = (int)(p->color >> shift & 0xff);
		g = (int)(p->ground >> shift & 0xff);
		mix |= (int)(g + (c - g) * p->opacity + 0.5) << shift;
	}
	return (mix);
}

static void
draw_shape(struct pen p, const char *tag)
{
	double	 r;

	apply_style(&p, tag);
	sheet_begin(p.sheet, p.fill ? blended_color(&p) : -1,
	    p.draw ? (int)p.color : -1, p.width * p.scale);
	if (strncmp(tag, "<path", 5) == 0)
		draw_path(&p, attribute(tag, "d"));
	else {
		r = number_attribute(tag, "r", 0);
		move_to(&p, number_attribute(tag, "cx", 0) + r,
		    number_attribute(tag, "cy", 0));
		draw_arc(&p, p.x - r, p.y, r, 0, 2 * M_PI);
		sheet_close(p.sheet);
	}
	sheet_end(p.sheet);
}

/* Returns the tag of the symbol, or NULL. */
static const char *
symbol_find(const char *name)
{
	const struct embedded	*sprite = embedded_get(SPRITE);
	const char		*at = NULL;
	char			 id[64];

	if (sprite != NULL && snprintf(id, sizeof(id), "<symbol id=\"%s\"",
	    name) < (int)sizeof(id))
		at = strstr(sprite->bytes, id);
	return (at);
}

void
icon_draw(struct sheet *s, const char *name, double x, double y, double size,
    unsigned color, unsigned ground)
{
	struct pen	 group, plain = { .sheet = s, .left = x, .top = y,
			    .scale = size / GRID, .color = color,
			    .ground = ground, .fill = true, .opacity = 1,
			    .width = 1 };
	const char	*tag;

	group = plain;
	if ((tag = symbol_find(name)) == NULL)
		return;
	for (tag = strchr(tag + 1, '<'); tag != NULL &&
	    strncmp(tag, "</symbol", 8) != 0; tag = strchr(tag + 1, '<')) {
		if (strncmp(tag, "<g", 2) == 0)
			apply_style(&group, tag);
		else if (strncmp(tag, "</g", 3) == 0)
			group = plain;
		else if (strncmp(tag, "<path", 5) == 0 ||
		    strncmp(tag, "<circle", 7) == 0)
			draw_shape(group, tag);
	}
}
