/* Makes Kore's configuration from the settings. */
#ifndef SERVER_KORE_CONFIG_H
#define SERVER_KORE_CONFIG_H

#include "base/settings.h"

/*
 * Checks certificate, key, port, user and folders, whose errors would
 * otherwise end each worker at its start, and writes kore.conf into folder.
 * Returns its path; or NULL, with *why set to a sentence. The caller frees
 * both.
 */
char	*kore_config_write(const struct settings *s, const char *folder,
	    char **why);

#endif
