/*
 * Rows of any cells, written with either separator and read again: our reader
 * gets the same cells, and no reader that takes , ; or tab for the separator,
 * whether it knows quotes or not, finds a cell that begins a formula.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"

#define CELLS	4

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Skips the quotes and blanks that spreadsheets skip before a formula. */
static const char *
trimmed(const char *p, const char *end)
{
	static const char *const	 skipped[] = { "\"", " ", "\xc2\xa0",
	    "\xe2\x80\xaf", "\xef\xbb\xbf" };
	size_t				 i, n;

	for (i = 0; i < sizeof(skipped) / sizeof(skipped[0]); i++) {
		n = strlen(skipped[i]);
		if ((size_t)(end - p) >= n && memcmp(p, skipped[i], n) == 0) {
			p += n;
			i = (size_t)-1;
		}
	}
	return (p);
}

static void
check_start(const char *p, const char *end)
{
	p = trimmed(p, end);
	if (p < end && strchr("=+-@", *p) != NULL && *p != '\0')
		abort();
}

/* Checks each cell of a spreadsheet that splits at the separator and at line
 * ends; one that knows quotes does not split inside them. */
static void
check_sheet(const struct buf *b, char separator, bool knows_quotes)
{
	const char	*p, *end = b->data + b->len;
	bool		 quoted = false;

	check_start(b->data, end);
	for (p = b->data; p < end; p++) {
		if (*p == '"' && knows_quotes)
			quoted = !quoted;
		if (!quoted && (*p == separator || *p == '\n' || *p == '\r'))
			check_start(p + 1, end);
	}
}

/* Reads the row again, which has the cells. */
static void
check_again(const struct buf *b, const char *const *cells, size_t n)
{
	const char	*got[CELLS];
	struct arena	 a = { NULL };
	struct csv	 c;
	size_t		 i, count;

	csv_open(&c, b->data, b->len);
	c.separator = b->data[b->len - 1];
	c.end--;
	if (csv_read(&c, &a, got, CELLS, &count) != CSV_RECORD || count != n)
		abort();
	for (i = 0; i < n; i++)
		if (strcmp(csv_unguarded(&a, got[i]), cells[i]) != 0)
			abort();
	arena_dispose(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char	 separators[] = ",;\t";
	const char		*cells[CELLS];
	char			*text = malloc(size + 1);
	struct buf		 b;
	size_t			 i, n = 0, at = 0;
	int			 language;

	if (text == NULL)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	/* a zero byte ends a cell */
	while (n < CELLS && at <= size) {
		cells[n++] = text + at;
		at += strlen(text + at) + 1;
	}
	for (language = 0; language < 2; language++) {
		b = (struct buf){ NULL, 0, 0 };
		csv_row(&b, csv_separator(language == 0 ? LANG_FR : LANG_EN),
		    cells, n);
		for (i = 0; i < 3; i++) {
			check_sheet(&b, separators[i], false);
			check_sheet(&b, separators[i], true);
		}
		buf_putc(&b, language == 0 ? ';' : ',');
		check_again(&b, cells, n);
		buf_dispose(&b);
	}
	free(text);
	return (0);
}
