/*
 * Watches downloads: every two seconds, one query for each kind of file checks
 * whether the clients still have the right to their files.
 */
#ifndef SERVER_WATCH_H
#define SERVER_WATCH_H

#include "server/reply.h"

struct watched {
	struct watched	*next;
	struct stream	*stream;	/* NULL: not started yet */
	enum sql	 sql;		/* the query of the rights */
	char		 id[37];	/* of the recording, export, … */
	char		 session[37];
	bool		 asked;		/* is in the running query */
	bool		 over;		/* stop sending */
};

/* Starts to watch a download of the object with the id of the request. The
 * parameter of the query is [{"session", "id"}], its result {session: {id:
 * true}} with those that are still allowed. The caller owns the watch and must
 * not move it before watch_end(). */
void	watch_begin(struct watched *, struct ctx *, enum sql sql);
void	watch_end(struct watched *);

/* Starts the timer. Call it once in each worker. */
void	watch_start(void);

#endif
