/* A table for spreadsheets, see table.h. */
#include <stdbool.h>
#include <string.h>

#include "base/csv.h"
#include "exports/table.h"

void
table_begin(struct buf *b)
{
	buf_puts(b, CSV_MARK);
}

/* What spreadsheets take for the beginning of a formula, behind blanks too. */
static bool
is_formula(const char *cell)
{
	if (*cell == '\t' || *cell == '\r' || *cell == '\n')
		return (true);
	cell += strspn(cell, " ");
	return (*cell != '\0' && strchr("=+-@\t\r\n", *cell) != NULL);
}

static void
put_cell(struct buf *b, const char *cell)
{
	buf_putc(b, '"');
	if (is_formula(cell))
		buf_putc(b, '\'');
	for (; *cell != '\0'; cell++) {
		if (*cell == '"')
			buf_putc(b, '"');
		buf_putc(b, *cell);
	}
	buf_putc(b, '"');
}

void
table_row(struct buf *b, enum lang lang, const char *const *cells, size_t n)
{
	size_t	i;

	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_puts(b, csv_separator(lang));
		put_cell(b, cells[i] == NULL ? "" : cells[i]);
	}
	buf_puts(b, "\r\n");
}
