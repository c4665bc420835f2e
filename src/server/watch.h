/*
 * Files on their way out: while they flow, every two seconds one question
 * asks for all of them whether their reader may still have them.
 */
#ifndef SERVER_WATCH_H
#define SERVER_WATCH_H

#include "server/reply.h"

struct watch {
	struct watch	*next;
	struct stream	*stream;	/* NULL: not started yet */
	const char	*kind;		/* "recording", "export" */
	char		 id[37];
	char		 session[37];
	bool		 asked;		/* is in the question */
	bool		 over;		/* send no more of it */
};

/* Begins to look after what the request names, by its id. The watch is the
 * caller's, and stays where it is until watch_end(). */
void	watch_begin(struct watch *, struct ctx *, const char *kind);
void	watch_end(struct watch *);

/* Once a worker. */
void	watch_start(void);

#endif
