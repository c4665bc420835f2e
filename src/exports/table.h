/*
 * A table for spreadsheets: CSV (RFC 4180) in UTF-8 with a mark at its start,
 * which Excel needs to know it. Cells are parted by what the reader's Excel
 * expects: `;` in French, where the comma is the decimal sign, `,` in
 * English. A cell that a spreadsheet would take for a formula gets an
 * apostrophe in front (OWASP, CSV injection). Pure.
 */
#ifndef EXPORTS_TABLE_H
#define EXPORTS_TABLE_H

#include "base/buf.h"
#include "base/words.h"

void	table_begin(struct buf *b);
/* A row of n cells; NULL is an empty one. */
void	table_row(struct buf *b, enum lang lang, const char *const *cells,
	    size_t n);

#endif
