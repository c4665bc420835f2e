/*
 * The upkeep, on a thread of its own: removes deleted and expired recordings,
 * seals the access logs, makes partitions, deletes ended sessions, sweeps the
 * caches and folders. A failed round is repeated, see rounds.h. The rules are
 * in the SQL.
 */
#ifndef JOBS_UPKEEP_H
#define JOBS_UPKEEP_H

#include "base/settings.h"
#include "store/store.h"

struct upkeep;

/*
 * Starts the thread; settings and store are borrowed. The caller has blocked
 * signals.
 */
struct upkeep	*upkeep_start(const struct settings *, struct store *);
/* Waits for the current statements, then ends the thread and frees all. */
void		 upkeep_stop(struct upkeep *);

#endif
