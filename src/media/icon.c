/*
 * As much of SVG 2 as our own sprite uses: path (M L H V C S A Z), circle, g;
 * fill, fill-opacity, stroke, stroke-width in one colour; arcs of circles.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "media/icon.h"

#define SPRITE		"assets/icons.svg"
#define GRID		24.0	/* units of each symbol's view */

struct pen {
	struct sheet	*sheet;
	double		 left, top, scale;
	double		 x, y;			/* where it is, in units */
	double		 start_x, start_y;	/* of the path's part */
	double		 cx, cy;		/* last control point of a C */
	unsigned	 color, ground;
	bool		 fill, draw;
	double		 opacity, width;	/* of the fill; of the line */
};

static double
across(const struct pen *p, double x)
{
	return (p->left + x * p->scale);
}

static double
down(const struct pen *p, double y)
{
	return (p->top + y * p->scale);
}

static void
curve_to(struct pen *p, double x1, double y1, double x2, double y2, double x,
    double y)
{
	sheet_curve(p->sheet, across(p, x1), down(p, y1), across(p, x2),
	    down(p, y2), across(p, x), down(p, y));
	p->cx = x2;
	p->cy = y2;
	p->x = x;
	p->y = y;
}

static void
line_to(struct pen *p, double x, double y)
{
	sheet_line(p->sheet, across(p, x), down(p, y));
	p->x = p->cx = x;
	p->y = p->cy = y;
}

static void
move_to(struct pen *p, double x, double y)
{
	sheet_move(p->sheet, across(p, x), down(p, y));
	p->x = p->cx = p->start_x = x;
	p->y = p->cy = p->start_y = y;
}

/* A circle's arc around (mx, my) from angle a over da, as curves of at most
 * a quarter (SVG 2, appendix B.2). */
static void
sweep(struct pen *p, double mx, double my, double r, double a, double da)
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

/* v: radius, radius, 0, large, sweep, and (x, y), absolute here. */
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
	sweep(p, mx, my, r, a, da);
	p->cx = p->x;
	p->cy = p->y;
}

/* One command with its numbers; x and y: what relative ones add to. */
static void
command(struct pen *p, char c, const double *v, double x, double y)
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
	case 's':	/* its first control point mirrors the last one */
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

/* Reads n numbers; NULL: they aren't there. */
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

/* d: a path's data, up to its quote. */
static void
path(struct pen *p, const char *d)
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
		command(p, c, v, relative ? p->x : 0, relative ? p->y : 0);
		c = c == 'm' ? 'l' : c;
	}
}

/* The attribute's value within the tag, or NULL. */
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
number(const char *tag, const char *name, double otherwise)
{
	const char	*value = attribute(tag, name);

	return (value == NULL ? otherwise : strtod(value, NULL));
}

/* What the tag changes of how things are drawn. */
static void
style(struct pen *p, const char *tag)
{
	const char	*value;

	if ((value = attribute(tag, "fill")) != NULL)
		p->fill = strncmp(value, "none", 4) != 0;
	if ((value = attribute(tag, "stroke")) != NULL)
		p->draw = strncmp(value, "none", 4) != 0;
	p->width = number(tag, "stroke-width", p->width);
	p->opacity = number(tag, "fill-opacity", 1);
}

/* The colour over the ground, as if see-through. */
static int
mixed(const struct pen *p)
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
shape(struct pen p, const char *tag)
{
	double	 r;

	style(&p, tag);
	sheet_begin(p.sheet, p.fill ? mixed(&p) : -1,
	    p.draw ? (int)p.color : -1, p.width * p.scale);
	if (strncmp(tag, "<path", 5) == 0)
		path(&p, attribute(tag, "d"));
	else {
		r = number(tag, "r", 0);
		move_to(&p, number(tag, "cx", 0) + r, number(tag, "cy", 0));
		sweep(&p, p.x - r, p.y, r, 0, 2 * M_PI);
		sheet_close(p.sheet);
	}
	sheet_end(p.sheet);
}

/* Where the symbol's tag begins, or NULL. */
static const char *
find(const char *name)
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
	if ((tag = find(name)) == NULL)
		return;
	for (tag = strchr(tag + 1, '<'); tag != NULL &&
	    strncmp(tag, "</symbol", 8) != 0; tag = strchr(tag + 1, '<')) {
		if (strncmp(tag, "<g", 2) == 0)
			style(&group, tag);
		else if (strncmp(tag, "</g", 3) == 0)
			group = plain;
		else if (strncmp(tag, "<path", 5) == 0 ||
		    strncmp(tag, "<circle", 7) == 0)
			shape(group, tag);
	}
}
