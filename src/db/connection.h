/*
 * One connection of the pool: libpq in pipeline mode on the event loop. It
 * connects, sends one query at a time, and resets itself after an error.
 * pool.c has the queue and chooses the connection.
 *
 * The messages of a query are BEGIN, scope, the query (prepared once per
 * connection), COMMIT and one Sync (PostgreSQL 15, 55.2.4 Pipelining). They
 * take one round trip. Without named statements they are the same messages
 * with the texts of the statements, which a pooler in transaction mode passes
 * on to any connection: nothing stays in a session.
 */
#ifndef DB_CONNECTION_H
#define DB_CONNECTION_H

#include <libpq-fe.h>

#include "base/heavy.h"
#include "base/pool.h"
#include "db/conninfo.h"
#include "db/db.h"
#include "db/rows.h"

enum ask_state {
	ASK_TURN,	/* heavy: waits for its turn on the node */
	ASK_QUEUED,	/* waits for a connection */
	ASK_RUNNING
};

struct db_ask {
	struct heavy	 turn;		/* first; if heavy */
	struct fair_item item;		/* in the queue of the pool */
	enum ask_state	 state;
	bool		 heavy;
	bool		*ended;		/* set at its end, unless NULL */
	enum sql	 sql;
	const char	*scope[SCOPE_SETTINGS];
	const char	*params[DB_PARAMS_MAX];
	int		 n;		/* number of parameters */
	int64_t		 limit_ms;	/* see struct db_scope */
	db_answer	 answer;	/* NULL: cancelled */
	void		*owner;
	int64_t		 deadline;	/* in the queue; monotonic ms */
	int64_t		 asked;		/* clock_mono_us() */
	int64_t		 sent;		/* clock_mono_us(); 0: not yet */
	char		 text[];	/* scope and params point into it */
};

enum connection_state {
	CONNECTION_DOWN,	/* reconnects at the deadline */
	CONNECTION_RESOLVING,	/* names, on a thread */
	CONNECTION_CONNECTING,
	CONNECTION_RESETTING,	/* rollback and deallocate are running */
	CONNECTION_IDLE,	/* ready for a query */
	CONNECTION_BUSY		/* ask is running */
};

struct connection {
	const struct loop	*loop;
	const struct db_options	*options;
	struct pool		*resolver;	/* NULL: no names */
	unsigned		 number;	/* for the log */
	struct job		 job;		/* of the resolver */
	bool			 resolving;	/* job is not done yet */
	unsigned		 attempt;	/* counts attempts to connect */
	struct conninfo_hosts	 hosts;		/* resolved */
	char			*unresolved;	/* why not, or NULL */
	PGconn			*pg;
	struct loop_watch	 watch;		/* fd: duplicate, or -1 */
	enum connection_state	 state;
	struct db_ask		*ask;
	int64_t			 deadline;	/* of state; monotonic ms */
	int64_t			 backoff;	/* ms before reconnecting */
	int			 results;	/* results received so far */
	int			 wanted;	/* index of that to keep */
	PGresult		*result;	/* of the query, or the error */
	bool			 prepared[SQL_COUNT];
	/* Called with the result of the ask, which the callee must free, or
	 * with UNAVAILABLE and NULL when the connection was lost. The state
	 * has been updated before. */
	void			 (*answered)(struct db_ask *, enum result,
				    PGresult *);
	/* Called when the connection becomes idle. */
	void			 (*idle)(struct connection *);
};

/* Starts to connect; does not block. */
void	connection_open(struct connection *);
/* Sends the query; the connection must be idle. Returns false when the
 * connection was lost; the caller still owns the ask. */
bool	connection_ask(struct connection *, struct db_ask *);
/* Enforces deadlines and reconnects. Call it every 50 ms. */
void	connection_tick(struct connection *, int64_t now);
/* Returns whether it is connected: idle, busy or resetting. */
bool	connection_up(const struct connection *);

#endif
