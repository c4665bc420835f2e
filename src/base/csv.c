/* Comma-separated values; see csv.h. */
#include <stdbool.h>
#include <string.h>

#include "base/csv.h"

void
csv_open(struct csv *c, const char *text, size_t n)
{
	const char	*p;
	int		 more = 0;	/* semicolons less commas */

	c->at = text;
	c->end = text + n;
	c->line = c->next = 1;
	if (n >= 3 && memcmp(text, CSV_MARK, 3) == 0)
		c->at += 3;
	for (p = c->at; p < c->end && *p != '\n'; p++)
		more += (*p == ';') - (*p == ',');
	c->separator = more > 0 ? ';' : ',';
}

/* Skips an end of line. Returns false when there is none at c->at. */
static bool
end_of_line(struct csv *c)
{
	size_t	left = (size_t)(c->end - c->at);

	if (left >= 1 && c->at[0] == '\n')
		c->at++;
	else if (left >= 2 && c->at[0] == '\r' && c->at[1] == '\n')
		c->at += 2;
	else
		return (false);
	c->next++;
	return (true);
}

/* Finds the quote that closes a cell; NULL when there is none. */
static const char *
closing_quote(const char *p, const char *end)
{
	for (; (p = memchr(p, '"', (size_t)(end - p))) != NULL; p += 2)
		if (p + 1 == end || p[1] != '"')
			break;
	return (p);
}

/* Reads a quoted cell; c->at is after the opening quote. Returns NULL when
 * the cell is not closed. */
static const char *
quoted_cell(struct csv *c, struct arena *a)
{
	const char	*close = closing_quote(c->at, c->end);
	char		*cell, *out;

	if (close == NULL)
		return (NULL);
	cell = out = arena_alloc(a, (size_t)(close - c->at) + 1);
	for (; c->at < close; c->at++) {
		c->next += *c->at == '\n';
		*out++ = *c->at;
		c->at += *c->at == '"';
	}
	c->at++;
	return (cell);
}

static const char *
plain_cell(struct csv *c, struct arena *a)
{
	const char	*from = c->at;

	while (c->at < c->end && *c->at != c->separator && *c->at != '"' &&
	    ((unsigned char)*c->at >= ' ' || *c->at == '\t'))
		c->at++;
	return (arena_strndup(a, from, (size_t)(c->at - from)));
}

enum csv_next
csv_read(struct csv *c, struct arena *a, const char **cells, size_t max,
    size_t *count)
{
	const char	*cell;

	*count = 0;
	while (end_of_line(c))
		continue;
	c->line = c->next;
	if (c->at == c->end)
		return (CSV_END);
	for (;;) {
		if (c->at < c->end && *c->at == '"') {
			c->at++;
			cell = quoted_cell(c, a);
		} else
			cell = plain_cell(c, a);
		if (cell == NULL)
			return (CSV_QUOTE);
		if ((*count)++ < max)
			cells[*count - 1] = cell;
		if (c->at == c->end || end_of_line(c))
			return (CSV_RECORD);
		if (*c->at != c->separator)
			return ((unsigned char)*c->at < ' ' ? CSV_CONTROL :
			    CSV_QUOTE);
		c->at++;
	}
}

/* Returns whether some spreadsheet begins a cell after c. */
static bool
begins_cell(char c)
{
	return (strchr(",;\t\r\n\"", c) != NULL);
}

static void
put_cell(struct buf *b, const char *cell)
{
	bool	at_start = true;

	buf_putc(b, '"');
	if (*cell == '\t' || *cell == '\r' || *cell == '\n')
		buf_putc(b, '\'');
	for (; *cell != '\0'; cell++) {
		if (at_start && strchr("=+-@", *cell) != NULL)
			buf_putc(b, '\'');
		if (*cell == '"')
			buf_putc(b, '"');
		buf_putc(b, *cell);
		/* spreadsheets skip spaces before a formula */
		at_start = begins_cell(*cell) || (at_start && *cell == ' ');
	}
	buf_putc(b, '"');
}

void
csv_row(struct buf *b, const char *separator, const char *const *cells,
    size_t n)
{
	size_t	i;

	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_puts(b, separator);
		put_cell(b, cells[i] == NULL ? "" : cells[i]);
	}
	buf_puts(b, "\r\n");
}
