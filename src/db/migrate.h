/*
 * `smartrecord migrate`: applies the migrations compiled into the binary to
 * the database. There is no way back. A lock serialises concurrent runs.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include "base/settings.h"

int	command_migrate(const struct settings *, int argc, char **argv);

#endif
