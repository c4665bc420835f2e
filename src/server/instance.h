/*
 * The folder of a running `serve` in state_dir. Two instances on one address
 * and port, the old one and the new one of a hand-over, have a folder each.
 */
#ifndef SERVER_INSTANCE_H
#define SERVER_INSTANCE_H

#include "base/settings.h"

/* Creates and locks a folder that no living instance has, until the last
 * process that inherits the lock ends. Returns its path; or NULL, with *why set
 * to a sentence. The caller frees both. */
char	*instance_take(const struct settings *s, char **why);

#endif
