/*
 * Pieces of files made ahead of the one who writes them down: by the pool's
 * threads, on all cores, taken in order, never more than a few at a time. One
 * thread owns an ahead; another runs the loop that the pool wakes.
 */
#ifndef EXPORTS_AHEAD_H
#define EXPORTS_AHEAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"

struct piece {
	struct job	 job;		/* first: the pool hands it back */
	struct ahead	*ahead;
	int		 state;		/* ahead.c's */
	/* Makes bytes; on a pool thread. Not OK: why is for the log. */
	enum result	 (*make)(struct piece *);
	void		 (*release)(struct piece *);	/* or NULL */
	void		*arg;		/* the maker's */
	int64_t		 part;		/* the maker's */
	uint8_t		*bytes;		/* malloc'd by make */
	size_t		 n;
	enum result	 result;
	const char	*why;		/* static text */
};

struct ahead;

/* next() fills in a piece (make, release, arg, part), on the owner's thread;
 * false: there are no more. room: pieces made and not taken. stop ends all
 * waiting. Never NULL. */
struct ahead	*ahead_new(struct pool *pool, size_t room,
		    bool (*next)(void *arg, struct piece *), void *arg,
		    const atomic_bool *stop);
/* The next piece, made, valid until the next call; NULL: there is none, or
 * stop. A piece that could not be made is one too. */
const struct piece *ahead_take(struct ahead *a);
/* Waits for what the pool still works on. */
void		 ahead_free(struct ahead *a);

#endif
