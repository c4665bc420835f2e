/*
 * `smartrecord help`: the manual's pages. Their source, conf/man, is compiled
 * in, and is the text that is printed.
 */
#ifndef BASE_HELP_H
#define BASE_HELP_H

#include "base/settings.h"

/* Without a word lists the pages, with one prints that page: "api" is
 * conf/man/smartrecord-api.7.scd. No setting is read. Exit status. */
int	command_help(const struct settings *, int, char **);

#endif
