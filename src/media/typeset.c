/*
 * Greedy line breaking with the widths of a font. There is no hyphenation; text
 * is flush left.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "media/typeset.h"

#define SUBSTITUTE	"\xe2\x96\xa1"	/* U+25A1, white square */
#define SUBSTITUTE_CODE	0x25a1
#define ELLIPSIS	"\xe2\x80\xa6"	/* U+2026 */

static bool
is_blank(uint32_t c)
{
	return (c <= 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 ||
	    c == 0x2029 || c == 0x3000 || c == 0x1680 ||
	    (c >= 0x2000 && c <= 0x200a) || c == 0x205f);
}

char *
typeset_clean(const char *text)
{
	struct buf	 b = { NULL, 0, 0 };
	uint32_t	 c;
	size_t		 n;

	buf_append(&b, "", 0);
	for (; *text != '\0'; text += n) {
		n = utf8_next(text, &c);
		if (is_blank(c))
			buf_putc(&b, ' ');
		else if (!text_invisible(c))
			buf_append(&b, text, n);
	}
	return (b.data);
}

static bool
is_drawn(const struct face *f, uint32_t c)
{
	return (c == 0xa0 || c == 0x202f || face_has(f, c));
}

char *
typeset_drawn(const struct face *f, const char *text, size_t n)
{
	struct buf	 b = { NULL, 0, 0 };
	uint32_t	 c;
	size_t		 at, size;

	buf_append(&b, "", 0);
	for (at = 0; at < n; at += size) {
		size = utf8_next(text + at, &c);
		if (is_drawn(f, c))
			buf_append(&b, text + at, size);
		else
			buf_puts(&b, SUBSTITUTE);
	}
	return (b.data);
}

/* Width of the character as it is drawn, in 1000ths of the font size. */
static unsigned
drawn_width(const struct face *f, uint32_t c)
{
	return (face_width(f, is_drawn(f, c) ? c : SUBSTITUTE_CODE));
}

double
typeset_width(const struct face *f, double size, const char *text, size_t n)
{
	uint32_t	 c;
	size_t		 at;
	unsigned	 width;

	for (width = 0, at = 0; at < n;) {
		at += utf8_next(text + at, &c);
		width += drawn_width(f, c);
	}
	return (width * size / 1000);
}

/* Returns whether no line may end before this character. French writes a space
 * before each of them. */
static bool
no_break_before(const char *next)
{
	return (strchr("?!:;%", *next) != NULL ||
	    strncmp(next, "\xc2\xbb", 2) == 0 ||	/* » */
	    strncmp(next, "\xe2\x82\xac", 3) == 0);	/* € */
}

/* Returns whether a line may end at this character; next is the text after it.
 * Only a space is allowed, not a hyphen: programs that extract the text would
 * remove a hyphen at the end of a line. */
static bool
may_break(uint32_t c, uint32_t before, const char *next)
{
	return (c == ' ' && before != 0xab && !no_break_before(next));	/* « */
}

struct scan {
	const char	*fits;	/* after the last character that fits */
	const char	*stop;	/* after the last possible break, or NULL */
};

/* Finds the end of the line that starts at text. */
static struct scan
scan_line(const struct face *f, double limit, const char *text)
{
	struct scan	 s = { text, NULL };
	const char	*start = text;
	uint32_t	 before = 0, c;
	unsigned	 width = 0;
	size_t		 n;

	for (; *text != '\0'; text += n, before = c) {
		n = utf8_next(text, &c);
		width += drawn_width(f, c);
		/* a space may exceed the width, as it is not drawn */
		if (width > limit && c != ' ') {
			if (s.fits == start)	/* at least one character */
				s.fits = text + n;
			return (s);
		}
		if (width <= limit)
			s.fits = text + n;
		if (may_break(c, before, text + n))
			s.stop = text + n;
	}
	s.fits = s.stop = text;
	return (s);
}

static struct line
line_of(const char *text, const char *end)
{
	struct line	 l = { text, (size_t)(end - text) };

	while (l.n > 0 && text[l.n - 1] == ' ')
		l.n--;
	return (l);
}

struct line *
typeset_wrap(const struct face *f, double size, double width,
    const char *text, size_t *n)
{
	struct line	*lines = NULL;
	struct scan	 s;
	const char	*end;
	size_t		 room = 0;

	*n = 0;
	do {
		text += strspn(text, " ");
		s = scan_line(f, width * 1000 / size, text);
		end = s.stop != NULL ? s.stop : s.fits;
		if (*n == room) {
			room = room == 0 ? 8 : 2 * room;
			lines = realloc(lines, room * sizeof(*lines));
			if (lines == NULL)
				log_fatal("event=out_of_memory");
		}
		lines[(*n)++] = line_of(text, end);
		text = end + strspn(end, " ");
	} while (*text != '\0');
	return (lines);
}

char *
typeset_fit(const struct face *f, double size, double width, const char *text)
{
	struct buf	 b = { NULL, 0, 0 };
	size_t		 n = strlen(text);

	if (typeset_width(f, size, text, n) > width) {
		width -= typeset_width(f, size, ELLIPSIS, 3);
		n = (size_t)(scan_line(f, width * 1000 / size, text).fits -
		    text);
		n = line_of(text, text + n).n;
		buf_append(&b, text, n);
		buf_puts(&b, ELLIPSIS);
	} else
		buf_append(&b, text, n);
	return (b.data);
}
