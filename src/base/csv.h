/*
 * Comma-separated values (RFC 4180), strictly: a quote only where a cell
 * begins, doubled inside, closed before the next separator. Lines end with
 * CRLF or LF; empty ones are skipped. The separator is ',' or ';', whichever
 * the first line has more of.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stddef.h>

#include "base/arena.h"
#include "base/words.h"

#define CSV_MARK	"\xef\xbb\xbf"	/* U+FEFF: this is UTF-8 */

/* What parts the cells where a reader's spreadsheet opens the file. */
static inline const char *
csv_separator(enum lang lang)
{
	return (lang == LANG_FR ? ";" : ",");
}

enum csv_next {
	CSV_END,	/* nothing more */
	CSV_RECORD,
	CSV_QUOTE,	/* a quote out of place, or never closed */
	CSV_CONTROL	/* a control byte outside quotes, a CR alone */
};

struct csv {
	const char	*at, *end;
	char		 separator;
	int		 line;	/* where the record at hand began, from 1 */
	int		 next;	/* where the next one begins */
};

/* n bytes, without their UTF-8 mark; borrowed while it is read. */
void		 csv_open(struct csv *, const char *text, size_t n);
/* The next record's cells, in the arena: the first max of them, *count says
 * how many there are. After a fault nothing more can be read. */
enum csv_next	 csv_read(struct csv *, struct arena *, const char **cells,
		    size_t max, size_t *count);

#endif
