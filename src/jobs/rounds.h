/*
 * A thread of `jobs` that works in rounds. A failed round (the database is
 * away) is repeated after 1 s, then 2, 4, 8 and at most 16 s.
 */
#ifndef JOBS_ROUNDS_H
#define JOBS_ROUNDS_H

#include <stdbool.h>

#include "base/settings.h"
#include "db/db.h"

struct rounds;
/* Does one round; returns false when it failed. */
typedef bool	(*rounds_fn)(void *arg);

/*
 * Starts the thread, with pause seconds between two rounds; sets *r before the
 * first one. The caller has blocked signals.
 */
void		 rounds_start(struct rounds **r, int pause_s, rounds_fn,
		    void *arg);
/* Returns false once rounds_stop() was called; for the round, with its *r. */
bool		 rounds_going(void *rounds);
/* The same, after so many milliseconds or at once when it is called. */
bool		 rounds_pause(void *rounds, int ms);
/* Waits for the current round, then ends the thread and frees r. */
void		 rounds_stop(struct rounds *);
/* Opens *db unless it is open; returns false after a log line. */
bool		 rounds_database(struct db **db, const struct settings *);

#endif
