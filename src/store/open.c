/* Makes the store that the setting names. */
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
