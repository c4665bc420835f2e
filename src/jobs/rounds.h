/*
 * A thread of `jobs` that works in rounds. A round that fails, since the
 * database is away, is tried again soon, then ever later.
 */
#ifndef JOBS_ROUNDS_H
#define JOBS_ROUNDS_H

#include <stdbool.h>

#include "base/settings.h"
#include "db/db.h"

struct rounds;
/* One round; false: it failed. */
typedef bool	(*rounds_fn)(void *arg);

/* Starts the thread, with so many seconds between two rounds; *r is there
 * before the first one. Signals are blocked already. */
void		 rounds_start(struct rounds **r, int pause_s, rounds_fn,
		    void *arg);
/* Asked by the round, a struct rounds: is there still time? */
bool		 rounds_going(void *rounds);
/* Ends the thread after what is at hand. */
void		 rounds_stop(struct rounds *);
/* Opens *db, unless it is; false: logged why not. */
bool		 rounds_database(struct db **db, const struct settings *);

#endif
