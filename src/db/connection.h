/*
 * One connection of the pool: libpq in pipeline mode on the event loop. Knows
 * how to connect, to ask one question in one round trip, and to be fit for
 * the next one or gone. Queueing and choosing are the pool's.
 *
 * A question is BEGIN, scope, the query (prepared once a connection) and
 * COMMIT up to one Sync (PostgreSQL 15, 55.2.4 Pipelining).
 */
#ifndef DB_CONNECTION_H
#define DB_CONNECTION_H

#include <libpq-fe.h>

#include "db/db.h"
#include "db/rows.h"

struct db_ask {
	struct db_ask	*next;		/* in the pool's queue */
	enum sql	 sql;
	const char	*scope[SCOPE_SETTINGS];
	const char	*params[DB_PARAMS_MAX];
	int		 n;		/* parameters */
	db_answer	 answer;	/* NULL: abandoned */
	void		*owner;
	bool		 waiting;	/* still in the queue */
	int64_t		 deadline;	/* of the waiting, monotonic ms */
	char		 text[];	/* what scope and params point to */
};

enum connection_state {
	CONNECTION_DOWN,	/* deadline: when to try again */
	CONNECTION_CONNECTING,
	CONNECTION_RESETTING,	/* getting to a known state */
	CONNECTION_IDLE,	/* ready for a question */
	CONNECTION_BUSY		/* ask is in flight */
};

struct connection {
	const struct loop	*loop;
	const char		*conninfo;
	unsigned		 number;	/* for the log */
	PGconn			*pg;
	struct loop_watch	 watch;		/* fd: our duplicate, or -1 */
	enum connection_state	 state;
	struct db_ask		*ask;
	int64_t			 deadline;	/* of the state, monotonic ms */
	int64_t			 backoff;	/* ms before the next try */
	int			 results;	/* commands answered so far */
	int			 wanted;	/* which of them is the query */
	PGresult		*result;	/* of the query, or the error */
	bool			 prepared[SQL_COUNT];
	/* The ask is answered, or lost (UNAVAILABLE, result NULL). The
	 * connection's state is already right; the result is handed over. */
	void			 (*answered)(struct db_ask *, enum result,
				    PGresult *);
	/* Became idle. */
	void			 (*idle)(struct connection *);
};

/* Begins to connect; returns at once. */
void	connection_open(struct connection *);
/* Sends the question; the connection must be idle. false: it went down, the
 * ask was not taken. */
bool	connection_ask(struct connection *, struct db_ask *);
/* Enforces deadlines and tries again; every 50 ms. */
void	connection_tick(struct connection *, int64_t now);
/* Connected: idle, busy or resetting. */
bool	connection_up(const struct connection *);

#endif
