/*
 * What is kept up on a thread of its own, beside the making of archives: what
 * was deleted or has expired, the access logs' seals, partitions, sessions,
 * the cache. The database may come and go: a failed round is tried again
 * soon. Knows no business: it is SQL, and the sweeps of others.
 */
#ifndef JOBS_UPKEEP_H
#define JOBS_UPKEEP_H

#include "base/settings.h"
#include "store/store.h"

struct upkeep;

/* Starts the thread; settings and store are borrowed. Signals are blocked
 * already. */
struct upkeep	*upkeep_start(const struct settings *, struct store *);
/* Ends it after the statement at hand. */
void		 upkeep_stop(struct upkeep *);

#endif
