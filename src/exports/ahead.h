/*
 * Makes the pieces of files ahead of their reader: on the pool's threads, in
 * order, never more than a fixed number at a time. One thread owns an ahead;
 * another runs the loop that the pool wakes.
 */
#ifndef EXPORTS_AHEAD_H
#define EXPORTS_AHEAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"

struct piece {
	struct job	 job;		/* first: piece_run() casts it back */
	struct ahead	*ahead;
	int		 state;		/* private to ahead.c */
	/* Sets bytes and n, on a pool thread. When not OK, sets why. */
	enum result	 (*make)(struct piece *);
	void		 (*release)(struct piece *);	/* or NULL */
	void		*arg;		/* for make and release */
	int64_t		 part;		/* for make */
	uint8_t		*bytes;		/* malloc'd by make */
	size_t		 n;
	enum result	 result;
	const char	*why;		/* static text, for the log */
};

struct ahead;

/*
 * Starts an ahead. next() sets make, release, arg and part of a piece, on the
 * owner's thread; it returns false when there are no more. room is the number
 * of pieces that may be made and not yet taken; key says whose turn they need.
 * *stop ends all waiting; it is borrowed, as is pool. Never returns NULL.
 */
struct ahead	*ahead_new(struct pool *pool, size_t room,
		    const struct fair_key *key,
		    bool (*next)(void *arg, struct piece *), void *arg,
		    const atomic_bool *stop);
/*
 * Waits for the next piece and returns it, valid until the next call; check its
 * result. Returns NULL when there are no more, or after *stop.
 */
const struct piece *ahead_take(struct ahead *a);
/* Waits for the pieces in the pool, then frees all. a may be NULL. */
void		 ahead_free(struct ahead *a);

#endif
