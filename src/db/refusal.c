/*
 * Tells a database that refuses a connection from one that can't be reached;
 * see refusal.h. libpq has no SQLSTATE for a failed connection: with verbose
 * errors it is part of the message.
 */
#include <libpq-fe.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "db/refusal.h"

#define CONNECT_MS	5000

/* SQLSTATEs, or their classes, of errors that stay (PostgreSQL 15, appendix
 * A). */
static const char *const final_states[] = {
	"28",		/* invalid authorization: user, password, pg_hba.conf */
	"3D",		/* no such database */
	"42501",	/* no right to connect to it */
};

/* libpq's own errors that stay, see libpq/fe-secure*.c and fe-connect.c. */
static const char *const final_texts[] = {
	"server certificate for ",	/* … does not match host name */
	"certificate verify failed",
	"root certificate file ",
	"certificate file ",
	"private key file ",
	"does not support SSL",
	"no password supplied",
	"requires a password",
};

/* Returns the SQLSTATE in "FATAL:  28P01: password …", or NULL. */
static const char *
line_state(const char *line, size_t n)
{
	const char	*at = line;

	while ((at = memmem(at, n - (size_t)(at - line), ":  ", 3)) != NULL) {
		at += 3;
		if (n - (size_t)(at - line) > 6 && strspn(at, "0123456789"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 && at[5] == ':')
			return (at);
	}
	return (NULL);
}

static bool
line_final(const char *line, size_t n, const char *state)
{
	size_t	i;

	for (i = 0; i < sizeof(final_states) / sizeof(final_states[0]); i++)
		if (state != NULL && strncmp(state, final_states[i],
		    strlen(final_states[i])) == 0)
			return (true);
	for (i = 0; i < sizeof(final_texts) / sizeof(final_texts[0]); i++)
		if (memmem(line, n, final_texts[i],
		    strlen(final_texts[i])) != NULL)
			return (true);
	return (false);
}

/* Returns a line as a sentence, without its SQLSTATE. */
static char *
line_sentence(const char *line, size_t n, const char *state)
{
	struct buf	b = { 0 };

	buf_puts(&b, "the database refuses the connection: ");
	if (state != NULL) {
		buf_append(&b, line, (size_t)(state - line) - 1);
		n -= (size_t)(state + 7 - line);
		line = state + 7;
	}
	buf_append(&b, line, n);
	return (b.data);
}

/*
 * Returns the first line of a message that stays as a sentence. Returns NULL
 * when there is none, or when another host may still answer: there is a line
 * for each host, and verbose errors add others.
 */
static char *
message_final(const char *message)
{
	static const char	 host[] = "connection to server";
	const char		*state;
	char			*found = NULL;
	size_t			 n;

	for (; *message != '\0'; message += n + (message[n] == '\n')) {
		n = strcspn(message, "\n");
		state = line_state(message, n);
		if (line_final(message, n, state)) {
			if (found == NULL)
				found = line_sentence(message, n, state);
		} else if (strncmp(message, host, sizeof(host) - 1) == 0) {
			free(found);
			return (NULL);
		}
	}
	return (found);
}

/* Connects within CONNECT_MS; PQconnectdb() has no verbose errors. */
static void
refusal_connect(PGconn *pg)
{
	PostgresPollingStatusType	polled = PGRES_POLLING_WRITING;
	int64_t				left, end;
	struct pollfd			p = { .fd = -1 };

	end = clock_mono_ms() + CONNECT_MS;
	while (polled == PGRES_POLLING_READING ||
	    polled == PGRES_POLLING_WRITING) {
		p.fd = PQsocket(pg);
		p.events = polled == PGRES_POLLING_READING ? POLLIN : POLLOUT;
		left = end - clock_mono_ms();
		if (p.fd == -1 || left <= 0 || poll(&p, 1, (int)left) == 0)
			return;
		polled = PQconnectPoll(pg);
	}
}

/* Returns what is wrong with the text of the connection string, or NULL. */
static char *
conninfo_problem(const char *conninfo)
{
	PQconninfoOption	*options;
	struct buf		 b = { 0 };
	char			*message = NULL;

	if ((options = PQconninfoParse(conninfo, &message)) == NULL)
		buf_printf(&b, "the database's connection string: %.*s",
		    message == NULL ? 0 : (int)strcspn(message, "\n"),
		    message == NULL ? "" : message);
	PQconninfoFree(options);
	PQfreemem(message);
	return (b.data);
}

bool
refusal_final(const char *conninfo, char **why)
{
	/* as db_connect() */
	static const char *const	keys[] = { "gssencmode",
	    "fallback_application_name", "dbname", "client_encoding", NULL };
	const char *const		values[] = { "disable", "smartrecord",
	    conninfo, "UTF8", NULL };
	PGconn				*pg;

	/* a plain "dbname" is no connection string */
	if (strpbrk(conninfo, "=:") != NULL &&
	    (*why = conninfo_problem(conninfo)) != NULL)
		return (true);
	if ((pg = PQconnectStartParams(keys, values, 1)) == NULL)
		return (false);
	(void)PQsetErrorVerbosity(pg, PQERRORS_VERBOSE);
	if (PQstatus(pg) != CONNECTION_BAD)
		refusal_connect(pg);
	*why = PQstatus(pg) == CONNECTION_OK ? NULL :
	    message_final(PQerrorMessage(pg));
	PQfinish(pg);
	return (*why != NULL);
}
