/*
 * Names and texts of the SQL files compiled into the binary. The list itself
 * is generated (build/gen/db/catalogue.h).
 */
#include <stdio.h>

#include "base/embedded.h"
#include "base/log.h"
#include "db/db.h"

#define SQL_NAME(id, name)	[id] = name,

static const char *const names[SQL_COUNT] = { SQL_FILES(SQL_NAME) };

const char *
sql_name(enum sql sql)
{
	return (names[sql]);
}

const char *
sql_text(enum sql sql)
{
	const struct embedded	*file;
	char			 path[128];

	snprintf(path, sizeof(path), "src/%s.sql", sql_name(sql));
	if ((file = embedded_get(path)) == NULL)
		log_fatal("db: %s is not in the binary", path);
	return (file->bytes);
}
