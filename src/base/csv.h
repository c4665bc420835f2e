/*
 * Reads and writes comma-separated values (RFC 4180), as spreadsheets and
 * clipboards have them. A quote opens a cell at its start only, spaces aside,
 * is doubled inside, and closes before the next separator; between tabs, a
 * quote inside a cell that it does not open is part of the text. Lines end
 * with CRLF, LF or CR; empty lines are skipped. The separator is ';', ',' or
 * a tab, whichever is most frequent, outside quotes, in the first line that has
 * one; or the one of a first line "sep=;", which is skipped.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/words.h"

#define CSV_MARK	"\xef\xbb\xbf"	/* byte order mark, U+FEFF */

/* Cell separator that spreadsheets of the language expect. */
static inline const char *
csv_separator(enum lang lang)
{
	return (lang == LANG_FR ? ";" : ",");
}

enum csv_next {
	CSV_END,	/* end of the text */
	CSV_RECORD,
	CSV_QUOTE,	/* misplaced quote, or quote not closed */
	CSV_CONTROL	/* control byte outside quotes */
};

struct csv {
	const char	*at, *end;
	char		 separator;
	int		 line;	/* first line of the current record, from 1 */
	int		 next;	/* first line of the next record */
	size_t		 filled; /* cells of the current record up to the last
				  * one that has more than blanks */
};

/*
 * Appends a row of n cells (NULL: empty), each in quotes, and CRLF. Puts an
 * apostrophe before = + - @ at the start of a cell, and after any byte that
 * a spreadsheet may take for a separator, blanks and apostrophes between them
 * aside, so that no cell is evaluated as a formula (OWASP, CSV injection).
 */
void		 csv_row(struct buf *, const char *separator,
		    const char *const *cells, size_t n);

/* Returns a copy of a cell that was read, in the arena, without the apostrophes
 * that csv_row() puts: the cell that was written. */
const char	*csv_unguarded(struct arena *, const char *cell);

/* Starts to read n bytes of text, which must live until the last record is
 * read. Skips a byte order mark. */
void		 csv_open(struct csv *, const char *text, size_t n);
/* Reads the next record. Stores its first max cells, allocated in the arena;
 * *count is the number of cells that it has. After CSV_QUOTE or CSV_CONTROL
 * no further record can be read. */
enum csv_next	 csv_read(struct csv *, struct arena *, const char **cells,
		    size_t max, size_t *count);

#endif
