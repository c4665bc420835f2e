/* How many workers this instance has, and how they connect to PostgreSQL. */
#ifndef SERVER_CAPACITY_H
#define SERVER_CAPACITY_H

#include "base/settings.h"
#include "db/db.h"

/* Number of workers: the setting, or one per processor core. */
long	capacity_workers(const struct settings *);
/* Descriptors of a worker that are not those of its clients, at most. */
#define OTHER_FILES	1024
/* Connections that a worker can hold: worker_connections, or what the limit of
 * descriptors (RLIMIT_NOFILE) leaves, which only root can raise. */
int64_t	capacity_connections(const struct settings *);
/*
 * Fills in how a worker connects. Its connections are at most its share of
 * database_budget, which all workers of all nodes share. Returns false when the
 * share is less than one, or a setting is not valid; *why is then a sentence
 * that the caller frees.
 */
bool	capacity_database(const struct settings *, struct db_options *,
	    char **why);

#endif
