/* Kore's own configuration, filled in from the settings. */
#ifndef SERVER_KORE_CONFIG_H
#define SERVER_KORE_CONFIG_H

#include "base/settings.h"

/*
 * Checks what Kore would otherwise trip over in a worker, again and again
 * (certificate, key, port, folders), and writes state_dir/kore.conf. Its
 * path (malloc'd), or NULL: *why is a sentence (malloc'd).
 */
char	*kore_config_write(const struct settings *s, char **why);
/* Of these checks, certificate and key. */
bool	 kore_config_check_tls(const struct settings *s, char **why);

#endif
