/* Paths that people may be sent back to. Pure. */
#ifndef ONEPASS_HOME_PATH_H
#define ONEPASS_HOME_PATH_H

#include <stdbool.h>

/* Is `to` a page of ours that may be gone back to? Only a path below
 * /console or /board: never another host, never the API. NULL: no. */
bool	home_path_valid(const char *to);
/* Does the path lie at the base or below it? */
bool	path_below(const char *path, const char *base);

#endif
