/*
 * What has arrived, for one who listens: recordings_arrived()'s groups, of
 * which they are told those that row-level security would show them. Pure.
 */
#ifndef RECORDINGS_ARRIVALS_H
#define RECORDINGS_ARRIVALS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#define ARRIVALS_IDS	100	/* told by id; the rest are only counted */

/* May they see a recording of this site and account? team and account as in
 * struct db_scope: "all", "{1,2}" of sites, or "" for one's own. The customer
 * is the same already. */
bool	 arrival_visible(const char *team, const char *account, int64_t site,
	    int64_t owner);
/* {"count", "completed", "ids"} of the groups that they may see, or NULL:
 * nothing. groups: [[site, account, new, completed, [ids]], …], borrowed. */
json_t	*arrivals_of(const json_t *groups, const char *team,
	    const char *account);

#endif
