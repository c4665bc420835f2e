/*
 * sql_search CONNINFO - answers each line of the standard input, a filter of a
 * list in JSON, by "MILLISECONDS<tab>CPU<tab>HITS<tab>CAPPED<tab>ROWS": what
 * recordings_search() takes as a prepared statement on one connection, until
 * its whole answer is here, and the milliseconds of the server process's CPU
 * (the first number of schedstat, see proc(5); 0 where it cannot be read). The
 * scope is in the connection's options. Used by tests/bench/search.js.
 */
#include <err.h>
#include <postgresql/libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double
now_ms(void)
{
	struct timespec	t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6);
}

static double
cpu_ms(PGconn *c)
{
	char		 path[64];
	long long	 ns = 0;
	FILE		*f;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", PQbackendPID(c));
	if ((f = fopen(path, "r")) == NULL)
		return (0);
	if (fscanf(f, "%lld", &ns) != 1)
		ns = 0;
	fclose(f);
	return ((double)ns / 1e6);
}

static void
answer(PGconn *c, const char *filter)
{
	double		 spent = cpu_ms(c), start = now_ms(), took;
	PGresult	*r;

	r = PQexecPrepared(c, "search", 1, &filter, NULL, NULL, 0);
	took = now_ms() - start;
	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		errx(1, "%s: %s", filter, PQerrorMessage(c));
	printf("%.3f\t%.3f\t%s\t%s\t%s\n", took, cpu_ms(c) - spent,
	    PQgetvalue(r, 0, 1), PQgetvalue(r, 0, 2), PQgetvalue(r, 0, 3));
	fflush(stdout);
	PQclear(r);
}

int
main(int argc, char **argv)
{
	PGconn	*c;
	char	*line = NULL;
	size_t	 size = 0;

	if (argc != 2)
		errx(2, "usage: sql_search CONNINFO");
	c = PQconnectdb(argv[1]);
	if (PQstatus(c) != CONNECTION_OK)
		errx(1, "%s", PQerrorMessage(c));
	PQclear(PQprepare(c, "search", "select x, x -> 'total', "
	    "x -> 'total_is_capped', jsonb_array_length(x -> 'items') "
	    "from recordings_search($1::jsonb) x", 1, NULL));
	while (getline(&line, &size, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		answer(c, line);
	}
	free(line);
	PQfinish(c);
	return (0);
}
