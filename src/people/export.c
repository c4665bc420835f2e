/*
 * The accounts of a tenant as a CSV file, which the import takes back without a
 * change.
 */
#include "base/csv.h"
#include "people/lines.h"
#include "people/people.h"
#include "server/reply.h"

#define CSV	"text/csv; charset=utf-8"

/* The separator is the one that spreadsheets expect in the reader's language,
 * as is the byte order mark. */
static void
reply_accounts(struct ctx *c, struct db_rows *rows, void *arg)
{
	const char	*separator = csv_separator(c->lang);
	const char	*fields[LINE_CELLS], *cells[LINE_CELLS];
	struct buf	 b = { NULL, 0, 0 };
	int		 i, row;

	(void)arg;
	for (i = 0; i < LINE_CELLS; i++)
		fields[i] = line_field((enum line_cell)i);
	buf_puts(&b, CSV_MARK);
	csv_row(&b, separator, fields, LINE_CELLS);
	for (row = 0; row < db_count(rows); row++) {
		for (i = 0; i < LINE_CELLS; i++)
			cells[i] = db_text(rows, row, fields[i]);
		csv_row(&b, separator, cells, LINE_CELLS);
	}
	reply_header(c, "content-disposition",
	    "attachment; filename=\"comptes.csv\"");
	reply_bytes(c, 200, CSV, b.data, b.len);
	buf_dispose(&b);
}

void
accounts_csv(struct ctx *c)
{
	ask(c, SQL_PEOPLE_CSV, NULL, 0, reply_accounts, NULL);
}
