/*
 * A file of accounts (CSV, see base/csv.h) as lines for accounts_import().
 * What is wrong with one line is said in it; what is wrong with the whole
 * file ends the reading. Pure, may run on a pool thread.
 */
#ifndef PEOPLE_LINES_H
#define PEOPLE_LINES_H

#include <jansson.h>

#define LINES_MAX	5000		/* accounts */
#define FILE_MAX	1048576		/* bytes */

/* [{"line", "key", "last_name", "first_name", "email", "site", "fixed",
 * "mobile", "errors"}], owned by the caller; an empty cell is null. NULL:
 * *problem is a French sentence, *line where it is, or 0. */
json_t	*lines_read(const char *csv, size_t n, const char **problem,
	    int *line);
/* What to tell people of a problem of a line, in French. */
const char *lines_problem(const char *key);
/* A column's name for people, in French. */
const char *lines_field(const char *field);

#endif
