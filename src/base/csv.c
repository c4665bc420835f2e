/* Comma-separated values; see csv.h. */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/csv.h"
#include "base/text.h"

/* Skips an end of line. Returns false when there is none at c->at. */
static bool
end_of_line(struct csv *c)
{
	size_t	left = (size_t)(c->end - c->at);

	if (left >= 2 && c->at[0] == '\r' && c->at[1] == '\n')
		c->at += 2;
	else if (left >= 1 && (c->at[0] == '\n' || c->at[0] == '\r'))
		c->at++;
	else
		return (false);
	c->next++;
	return (true);
}

/* Reads the line "sep=;" of Excel. */
static bool
separator_given(struct csv *c)
{
	const struct csv	 before = *c;

	if (c->end - c->at >= 5 && strncasecmp(c->at, "sep=", 4) == 0 &&
	    strchr(";,\t", c->at[4]) != NULL && c->at[4] != '\0') {
		c->separator = c->at[4];
		c->at += 5;
		if (c->at == c->end || end_of_line(c))
			return (true);
	}
	*c = before;
	return (false);
}

/* Finds the most frequent separator in the first line that has one. */
static char
separator_found(const struct csv *c)
{
	const char	*p;
	size_t		 semicolons = 0, commas = 0, tabs = 0;
	bool		 quoted = false;

	for (p = c->at; p < c->end; p++) {
		quoted ^= *p == '"';
		if (quoted)
			continue;
		semicolons += *p == ';';
		commas += *p == ',';
		tabs += *p == '\t';
		if ((*p == '\n' || *p == '\r') &&
		    semicolons + commas + tabs > 0)
			break;
	}
	if (semicolons > commas)
		return (semicolons >= tabs ? ';' : '\t');
	return (commas >= tabs ? ',' : '\t');
}

void
csv_open(struct csv *c, const char *text, size_t n)
{
	c->at = text;
	c->end = text + n;
	c->line = c->next = 1;
	c->filled = 0;
	if (n >= 3 && memcmp(text, CSV_MARK, 3) == 0)
		c->at += 3;
	if (!separator_given(c))
		c->separator = separator_found(c);
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
		c->next += *c->at == '\n' || (*c->at == '\r' &&
		    c->at + 1 < c->end && c->at[1] != '\n');
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

	while (c->at < c->end && *c->at != c->separator &&
	    (*c->at != '"' || c->separator == '\t') &&
	    ((unsigned char)*c->at >= ' ' || *c->at == '\t'))
		c->at++;
	return (arena_strndup(a, from, (size_t)(c->at - from)));
}

/* Skips spaces, if a quote follows them (opens) or the cell ends after them. */
static void
skip_spaces(struct csv *c, bool opens)
{
	const char	*p = c->at;

	while (p < c->end && (*p == ' ' || (*p == '\t' && c->separator != *p)))
		p++;
	if (!opens || (p < c->end && *p == '"'))
		c->at = p;
}

/* Reads a cell and the spaces around its quotes; NULL when it is not closed. */
static const char *
any_cell(struct csv *c, struct arena *a)
{
	const char	*cell;

	skip_spaces(c, true);
	if (c->at == c->end || *c->at != '"')
		return (plain_cell(c, a));
	c->at++;
	cell = quoted_cell(c, a);
	skip_spaces(c, false);
	return (cell);
}

static bool
blank(const char *cell)
{
	size_t	n;

	(void)text_trim(cell, &n);
	return (n == 0);
}

enum csv_next
csv_read(struct csv *c, struct arena *a, const char **cells, size_t max,
    size_t *count)
{
	const char	*cell;

	*count = c->filled = 0;
	while (end_of_line(c))
		continue;
	c->line = c->next;
	if (c->at == c->end)
		return (CSV_END);
	for (;;) {
		if ((cell = any_cell(c, a)) == NULL)
			return (CSV_QUOTE);
		if ((*count)++ < max)
			cells[*count - 1] = cell;
		if (!blank(cell))
			c->filled = *count;
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

/* Length of the blank at p, which spreadsheets skip before a formula: a space,
 * U+00A0, U+202F or U+FEFF. Returns 0 when there is none. */
static size_t
blank_length(const char *p)
{
	static const char *const	 blanks[] = { " ", "\xc2\xa0",
	    "\xe2\x80\xaf", CSV_MARK };
	size_t				 i, n;

	for (i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++) {
		n = strlen(blanks[i]);
		if (strncmp(p, blanks[i], n) == 0)
			return (n);
	}
	return (0);
}

/* Returns whether the text at p, where some spreadsheet begins a cell, gets an
 * apostrophe. Text that has one already gets another, so that the reader knows
 * which are the writer's. */
static bool
needs_guard(const char *p, bool first)
{
	p += strspn(p, "'");
	return (*p != '\0' && (strchr("=+-@", *p) != NULL ||
	    (first && strchr("\t\r\n", *p) != NULL)));
}

static void
put_cell(struct buf *b, const char *cell)
{
	const char	*start = cell;
	bool		 begins = true;
	size_t		 n;

	buf_putc(b, '"');
	while (*cell != '\0') {
		if (begins && needs_guard(cell, cell == start))
			buf_putc(b, '\'');
		n = begins ? blank_length(cell) : 0;
		if (n == 0) {
			if (*cell == '"')
				buf_putc(b, '"');
			begins = begins_cell(*cell);
			n = 1;
		}
		buf_append(b, cell, n);
		cell += n;
	}
	buf_putc(b, '"');
}

const char *
csv_unguarded(struct arena *a, const char *cell)
{
	char		*copy = arena_strdup(a, cell), *out = copy;
	const char	*start = cell;
	bool		 begins = true;
	size_t		 n;

	while (*cell != '\0') {
		if (begins && *cell == '\'' &&
		    needs_guard(cell + 1, cell == start))
			cell++;
		n = begins ? blank_length(cell) : 0;
		if (n == 0) {
			begins = begins_cell(*cell);
			n = 1;
		}
		memcpy(out, cell, n);
		out += n;
		cell += n;
	}
	*out = '\0';
	return (copy);
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
