/*
 * `smartrecord migrate`: applies the migrations compiled into the binary to
 * the database. There is no way back. A lock serialises concurrent runs.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include "base/settings.h"
#include "db/db.h"

int	command_migrate(const struct settings *, int argc, char **argv);
/* How many migrations of this binary are not applied to the database; -1 when
 * their table can't be read. */
int	migrate_pending(struct db *);

#endif
