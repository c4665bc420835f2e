/* Checks the paths that a person may be redirected to, see home_path.h. */
#include <string.h>

#include "onepass/home_path.h"

bool
path_below(const char *path, const char *base)
{
	size_t	n = strlen(base);

	return (strncmp(path, base, n) == 0 && (path[n] == '\0' ||
	    path[n] == '/' || path[n] == '?'));
}

bool
home_path_valid(const char *to)
{
	const char	*p;

	if (to == NULL ||
	    (!path_below(to, "/console") && !path_below(to, "/board")))
		return (false);
	for (p = to; *p != '\0'; p++)
		if (*p <= ' ' || *p == '\\' || *p == 0x7f || *p == '#')
			return (false);
	return (strstr(to, "//") == NULL && strstr(to, "/..") == NULL &&
	    !path_below(to, "/console/session") &&
	    !path_below(to, "/board/session"));
}
