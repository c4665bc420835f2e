/* Checks the paths that a person may be redirected to. Pure. */
#ifndef ONEPASS_HOME_PATH_H
#define ONEPASS_HOME_PATH_H

#include <stdbool.h>

/*
 * Returns true when `to` is a path below /console or /board that is safe in a
 * Location header: never another host, the API or the session's own pages.
 * False for NULL.
 */
bool	home_path_valid(const char *to);
/* Returns true when path is base, or below it, or base with a query. */
bool	path_below(const char *path, const char *base);

#endif
