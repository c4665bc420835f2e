/*
 * `smartrecord migrate`: brings the database's schema up to date with the
 * migrations compiled into the binary. Forward only; several at once wait
 * for each other.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include "base/settings.h"

int	command_migrate(const struct settings *, int argc, char **argv);

#endif
