/*
 * fts5 build FILE <ROWS - makes an FTS5 index of SQLite of lines that end with
 * the columns text, mood, account, site, name, number, ending (tabs between
 * them; a line's number is its rowid).
 *
 * fts5 query FILE - answers each line "ROWID<tab>MATCH" of the standard input,
 * from rows with at least this rowid, by
 * "MILLISECONDS<tab>CPU<tab>HITS<tab>ROWS": the newest 50 with a snippet each,
 * and how many match; CPU is the milliseconds of this process. Used by
 * tests/bench/search.js.
 */
#include <err.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COLUMNS	7

static sqlite3	*db;

static double
now_ms(clockid_t clock)
{
	struct timespec	t;

	clock_gettime(clock, &t);
	return ((double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6);
}

static void
run(const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		errx(1, "%s: %s", sql, sqlite3_errmsg(db));
}

static sqlite3_stmt *
prepare(const char *sql)
{
	sqlite3_stmt	*s;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		errx(1, "%s: %s", sql, sqlite3_errmsg(db));
	return (s);
}

/* Binds the line's columns, parting it. */
static void
bind_columns(sqlite3_stmt *s, char *line)
{
	int	 i;

	for (i = 1; i <= COLUMNS; i++)
		sqlite3_bind_text(s, i, strsep(&line, "\t\n"), -1,
		    SQLITE_TRANSIENT);
}

static void
build(void)
{
	sqlite3_stmt	*s;
	char		*line = NULL;
	size_t		 size = 0;

	run("pragma journal_mode = off; pragma synchronous = off;"
	    "create virtual table calls using fts5(text, mood, account, site, "
	    "name, number, ending, "
	    "tokenize = 'unicode61 remove_diacritics 2'); begin");
	s = prepare("insert into calls values (?, ?, ?, ?, ?, ?, ?)");
	while (getline(&line, &size, stdin) > 0) {
		bind_columns(s, line);
		if (sqlite3_step(s) != SQLITE_DONE)
			errx(1, "insert: %s", sqlite3_errmsg(db));
		sqlite3_reset(s);
	}
	free(line);
	sqlite3_finalize(s);
	run("commit; insert into calls (calls) values ('optimize')");
}

/* Steps through all rows. Returns how many; *first: the first row's number. */
static int
step_all(sqlite3_stmt *s, const char *match, long rowid, long *first)
{
	int	 rows = 0, status;

	sqlite3_bind_text(s, 1, match, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s, 2, rowid);
	while ((status = sqlite3_step(s)) == SQLITE_ROW) {
		if (rows++ == 0)
			*first = sqlite3_column_int64(s, 0);
		(void)sqlite3_column_text(s, 1);
	}
	if (status != SQLITE_DONE)
		errx(1, "%s: %s", match, sqlite3_errmsg(db));
	sqlite3_reset(s);
	return (rows);
}

static void
answer(void)
{
	sqlite3_stmt	*page, *count;
	char		*line = NULL, *match;
	size_t		 size = 0;
	long		 first = 0, hits = 0;
	double		 start, spent;
	int		 rows;

	page = prepare("select rowid, snippet(calls, 0, '[', ']', '…', 12) "
	    "from calls where calls match ? and rowid >= ? "
	    "order by rowid desc limit 50");
	count = prepare("select count(*) from calls where calls match ? "
	    "and rowid >= ?");
	while (getline(&line, &size, stdin) > 0) {
		match = line;
		strsep(&match, "\t");
		match[strcspn(match, "\n")] = '\0';
		start = now_ms(CLOCK_MONOTONIC);
		spent = now_ms(CLOCK_PROCESS_CPUTIME_ID);
		rows = step_all(page, match, atol(line), &first);
		step_all(count, match, atol(line), &hits);
		printf("%.3f\t%.3f\t%ld\t%d\n",
		    now_ms(CLOCK_MONOTONIC) - start,
		    now_ms(CLOCK_PROCESS_CPUTIME_ID) - spent, hits, rows);
		fflush(stdout);
	}
	free(line);
}

int
main(int argc, char **argv)
{
	if (argc != 3)
		errx(2, "usage: fts5 build|query FILE");
	if (sqlite3_open(argv[2], &db) != SQLITE_OK)
		errx(1, "%s: %s", argv[2], sqlite3_errmsg(db));
	run("pragma cache_size = -1000000; pragma mmap_size = 2000000000");
	if (strcmp(argv[1], "build") == 0)
		build();
	else
		answer();
	return (0);
}
