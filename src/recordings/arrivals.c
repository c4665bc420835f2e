/* Selects the arrivals that a listener may see, see arrivals.h. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "recordings/arrivals.h"

enum { SITE, ACCOUNT, NEW, COMPLETED, IDS };	/* members of a group */

/* Returns true when "{1,2}" contains the site. */
static bool
site_listed(const char *sites, int64_t site)
{
	char	*end;

	while (*sites == '{' || *sites == ',') {
		if (strtoll(sites + 1, &end, 10) == site && end != sites + 1)
			return (true);
		sites = end;
	}
	return (false);
}

bool
arrival_visible(const char *team, const char *account, int64_t site,
    int64_t owner)
{
	int64_t	 own;

	if (strcmp(team, "all") == 0)
		return (true);
	if (*team != '\0')
		return (site_listed(team, site));
	return (text_int64(account, 1, INT32_MAX, &own) && own == owner);
}

static int64_t
group_number(const json_t *group, size_t i)
{
	return (json_integer_value(json_array_get(group, i)));
}

static void
arrivals_add_ids(json_t *ids, const json_t *more)
{
	size_t	 i;

	for (i = 0; i < json_array_size(more) &&
	    json_array_size(ids) < ARRIVALS_IDS; i++)
		json_array_append(ids, json_array_get(more, i));
}

json_t *
arrivals_of(const json_t *groups, const char *team, const char *account)
{
	const json_t	*g;
	json_t		*ids = json_array();
	int64_t		 count = 0, completed = 0;
	size_t		 i;

	for (i = 0; i < json_array_size(groups); i++) {
		g = json_array_get(groups, i);
		if (!arrival_visible(team, account, group_number(g, SITE),
		    group_number(g, ACCOUNT)))
			continue;
		count += group_number(g, NEW);
		completed += group_number(g, COMPLETED);
		arrivals_add_ids(ids, json_array_get(g, IDS));
	}
	if (count > 0 || completed > 0)
		return (json_pack("{s:I, s:I, s:o}", "count", count,
		    "completed", completed, "ids", ids));
	json_decref(ids);
	return (NULL);
}
