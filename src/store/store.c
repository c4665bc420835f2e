/*
 * Picks the kind of store that the setting names. What keys may look like is
 * common to all kinds and checked here; the kinds do the rest.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "store/folder.h"
#include "store/store.h"

struct store *
store_new(const char *setting, char **why)
{
	static const char	 folder[] = "folder:";

	if (strncmp(setting, folder, sizeof(folder) - 1) == 0 &&
	    setting[sizeof(folder) - 1] == '/')
		return (folder_store_new(setting + sizeof(folder) - 1));
	*why = strdup("store must be folder: and an absolute path, "
	    "such as folder:/var/lib/smartrecord/audio");
	return (NULL);
}

void
store_free(struct store *s)
{
	if (s == NULL)
		return;
	free(s->private_data);
	free(s);
}

/* A component is 1 or more of [a-z0-9._-] and doesn't start with a dot:
 * neither "." nor "..", nor a file that is still being written. */
bool
store_key_valid(const char *key)
{
	static const char	 allowed[] =
	    "abcdefghijklmnopqrstuvwxyz0123456789._-/";
	size_t			 i, n;

	n = strnlen(key, STORE_KEY_MAX + 1);
	if (n == 0 || n > STORE_KEY_MAX || strspn(key, allowed) != n)
		return (false);
	for (i = 0; i < n; i++)
		if ((i == 0 || key[i - 1] == '/') &&
		    (key[i] == '.' || key[i] == '/'))
			return (false);
	return (key[n - 1] != '/');
}
