/* Removes objects from the store, see removal.h. */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/log.h"
#include "jobs/removal.h"

/* Deletes the rows of removed objects; false when the database is away. */
static bool
removal_forget(struct db *db, const json_t *removed)
{
	char		*text = json_dumps(removed, JSON_COMPACT);
	const char	*params[1] = { text };
	struct db_rows	*rows;
	enum result	 r;

	r = db_run(db, SQL_JOBS_REMOVED, NULL, params, 1, &rows);
	db_rows_free(rows);
	free(text);
	return (r == OK);
}

/* Removes a batch of objects; adds the keys of those that are gone. */
static void
remove_each(const struct store *store, struct db_rows *rows, json_t *removed)
{
	char		 problem[DISK_PROBLEM];
	const char	*key;
	int		 i;

	for (i = 0; i < db_count(rows); i++) {
		key = db_value(rows, i, 0);
		if (store->remove(store, key) == OK)
			json_array_append_new(removed, json_string(key));
		else
			log_error("event=removal_failed key=%s why=\"%s\"",
			    key, store_problem(problem));
	}
}

/*
 * Removes the batch after the key *last, and sets *last to its last key, or to
 * NULL when nothing is left. An object that can't be removed does not delay
 * others. Returns false when the database is away, or the store for one of
 * them.
 */
static bool
remove_some(struct db *db, const struct store *store, char **last)
{
	const char	*params[1] = { *last };
	json_t		*removed = json_array();
	struct db_rows	*rows;
	size_t		 n = 0;
	int		 count = 0;
	bool		 ok;

	if ((ok = db_run(db, SQL_JOBS_REMOVALS, NULL, params, 1, &rows) == OK))
		count = db_count(rows);
	if (count > 0)
		remove_each(store, rows, removed);
	if ((n = json_array_size(removed)) > 0 &&
	    (ok = removal_forget(db, removed)))
		log_info("event=store_removed objects=%zu", n);
	free(*last);
	*last = ok && count > 0 ? strdup(db_value(rows, count - 1, 0)) : NULL;
	db_rows_free(rows);
	json_decref(removed);
	return (ok && n == (size_t)count);
}

bool
removal_run(struct db *db, const struct store *store)
{
	char	*last = strdup("");
	bool	 ok = true;

	while (last != NULL)
		ok = remove_some(db, store, &last) && ok;
	return (ok);
}
