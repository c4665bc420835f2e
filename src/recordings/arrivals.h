/*
 * Selects from the groups of recordings_arrived() those that one listener may
 * see, by the rule of row-level security. Pure.
 */
#ifndef RECORDINGS_ARRIVALS_H
#define RECORDINGS_ARRIVALS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#define ARRIVALS_IDS	100	/* ids per event; the rest are only counted */

/*
 * Returns true when a listener of the same tenant may see a recording of this
 * site and owning account. team and account are as in struct db_scope: "all",
 * "{1,2}" (sites) or "" (the listener's own recordings).
 */
bool	 arrival_visible(const char *team, const char *account, int64_t site,
	    int64_t owner);
/*
 * Returns {"count", "completed", "ids"} of the groups that the listener may
 * see, owned by the caller; NULL when there is nothing. groups is borrowed:
 * [[site, account, new, completed, [ids]], …].
 */
json_t	*arrivals_of(const json_t *groups, const char *team,
	    const char *account);

#endif
