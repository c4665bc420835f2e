/*
 * Reads a file of accounts (CSV, see base/csv.h) into lines for
 * accounts_import(). An error of one line is put in that line; an error of the
 * whole file ends the reading. Pure; may run on a pool thread.
 */
#ifndef PEOPLE_LINES_H
#define PEOPLE_LINES_H

#include <jansson.h>

#define LINES_MAX	5000		/* accounts */
#define FILE_MAX	1048576		/* bytes */

enum line_cell {
	LINE_KEY,
	LINE_LAST_NAME,
	LINE_FIRST_NAME,
	LINE_EMAIL,
	LINE_SITE,
	LINE_FIXED,
	LINE_MOBILE,
	LINE_CELLS
};

/*
 * Returns one account from its cells as written (NULL: no cell): {"line",
 * "key", "last_name", "first_name", "email", "site", "fixed": [], "mobile": [],
 * "errors": [{"field", "problem"}]}, owned by the caller. An empty cell gives
 * no member.
 */
json_t	*line_read(int number, const char *const cells[LINE_CELLS]);
/*
 * Returns the array of all accounts of a file of n bytes, NUL-terminated, owned
 * by the caller. Returns NULL when the file is not valid: *problem is then a
 * French sentence of en.json, *line its line in the file, or 0.
 */
json_t	*lines_read(const char *csv, size_t n, const char **problem,
	    int *line);
/* Returns the name of a cell: a member of line_read(), and a heading. */
const char *line_field(enum line_cell cell);
/* Returns the French sentence for a line's "problem". */
const char *lines_problem(const char *key);
/* Returns the French name of a line's "field"; NULL for the whole line. */
const char *lines_field(const char *field);

#endif
