/*
 * Names, texts and parameter counts of the queries compiled into the binary.
 * conf/embed generates the list, build/gen/db/catalogue.h.
 */
#include <stdio.h>

#include "base/embedded.h"
#include "base/log.h"
#include "db/db.h"

#define SQL_ROW(id, name, n)	[id] = { name, n },

static const struct {
	const char	*name;
	int		 params;
} statements[SQL_COUNT] = { SQL_FILES(SQL_ROW) };

const char *
sql_name(enum sql sql)
{
	return (statements[sql].name);
}

void
sql_check(enum sql sql, int n)
{
	if (n != statements[sql].params)
		log_fatal("event=bad_query query=%s parameters=%d given=%d",
		    sql_name(sql), statements[sql].params, n);
}

void
sql_check_all(void)
{
	enum sql	sql;

	for (sql = 0; sql < SQL_COUNT; sql++)
		if (statements[sql].params > DB_PARAMS_MAX)
			log_fatal("event=bad_query query=%s parameters=%d "
			    "most=%d", sql_name(sql), statements[sql].params,
			    DB_PARAMS_MAX);
}

const char *
sql_text(enum sql sql)
{
	const struct embedded	*file;
	char			 path[128];

	snprintf(path, sizeof(path), "src/%s.sql", sql_name(sql));
	if ((file = embedded_get(path)) == NULL)
		log_fatal("event=no_embedded_file file=%s", path);
	return (file->bytes);
}
