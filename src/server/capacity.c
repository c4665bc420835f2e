/* Workers and database connections; see capacity.h. */
#include <sys/resource.h>

#include <string.h>
#include <unistd.h>

#include "base/why.h"
#include "server/capacity.h"

#define CONNECTIONS_LEAST	16	/* as of the setting */

long
capacity_workers(const struct settings *s)
{
	return (s->workers > 0 ? (long)s->workers :
	    sysconf(_SC_NPROCESSORS_ONLN));
}

int64_t
capacity_connections(const struct settings *s)
{
	struct rlimit	rl;
	int64_t		left;

	if (geteuid() == 0 || getrlimit(RLIMIT_NOFILE, &rl) != 0 ||
	    rl.rlim_max >= (rlim_t)(s->worker_connections + OTHER_FILES))
		return (s->worker_connections);
	left = (int64_t)rl.rlim_max - OTHER_FILES;
	return (left < CONNECTIONS_LEAST ? CONNECTIONS_LEAST : left);
}

/* Returns a worker's share of the budget; without a budget, the setting. */
static int64_t
connections_share(const struct settings *s)
{
	int64_t	share = s->database_connections;
	int64_t	workers = s->nodes * (int64_t)capacity_workers(s);

	if (s->database_budget > 0 && s->database_budget / workers < share)
		share = s->database_budget / workers;
	return (share);
}

bool
capacity_database(const struct settings *s, struct db_options *o, char **why)
{
	int64_t	share = connections_share(s);
	bool	no = strcmp(s->database_prepared, "no") == 0;

	*o = (struct db_options) { s->database, (unsigned)share, !no,
	    s->database_timeout_ms };
	if (!no && strcmp(s->database_prepared, "yes") != 0)
		return (why_not(why, "database_prepared: \"%s\" is neither "
		    "yes nor no", s->database_prepared));
	return (share > 0 || why_not(why, "database_budget: %lld connections "
	    "are fewer than one for each of %ld workers on %lld nodes",
	    (long long)s->database_budget, capacity_workers(s),
	    (long long)s->nodes));
}
