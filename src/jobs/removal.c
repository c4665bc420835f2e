/* What the store has to forget, see removal.h. */
#include <stdlib.h>

#include <jansson.h>

#include "base/log.h"
#include "jobs/removal.h"

static bool
forget(struct db *db, const json_t *removed)
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

/* A batch; *more: perhaps there are others. */
static bool
remove_some(struct db *db, const struct store *store, bool *more)
{
	json_t		*removed = json_array();
	struct db_rows	*rows;
	const char	*key;
	size_t		 n;
	int		 i;
	bool		 ok;

	ok = db_run(db, SQL_JOBS_REMOVALS, NULL, NULL, 0, &rows) == OK;
	for (i = 0; ok && i < db_count(rows); i++) {
		key = db_value(rows, i, 0);
		if (store->remove(store, key) == OK)
			json_array_append_new(removed, json_string(key));
		else
			log_error("event=removal_failed key=%s", key);
	}
	n = json_array_size(removed);
	if (ok && n > 0 && (ok = forget(db, removed)))
		log_info("event=store_removed objects=%zu", n);
	ok = ok && n == (size_t)db_count(rows);
	*more = ok && n > 0;
	db_rows_free(rows);
	json_decref(removed);
	return (ok);
}

bool
removal_run(struct db *db, const struct store *store)
{
	bool	more, ok;

	do
		ok = remove_some(db, store, &more);
	while (more);
	return (ok);
}
