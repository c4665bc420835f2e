/*
 * How background work shares the database with people who wait for it: in steps
 * of about 25 ms, each followed by a pause as long as the step, so it takes at
 * most half a processor core, and a request meets one short step at a time. A
 * turn lasts five seconds: then other work is due. Pure.
 */
#ifndef JOBS_PACE_H
#define JOBS_PACE_H

#include <stdint.h>

struct pace {
	int	size;		/* rows of the next step */
	int64_t	until;		/* end of the turn, monotonic us */
};

/* Begins a turn, with small steps. */
void	pace_begin(struct pace *, int64_t now_us);
/*
 * After a step of p->size rows, from began_us to now_us: sets the size of the
 * next one. Returns how many milliseconds to wait before it, or -1 when the
 * turn is over.
 */
int	pace_next(struct pace *, int64_t began_us, int64_t now_us);

#endif
