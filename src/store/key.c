/* The form of keys, the same for all kinds of store. */
#include <string.h>

#include "store/store.h"

/* A component consists of [a-z0-9._-] and does not start with a dot. This
 * excludes ".", ".." and temporary files. */
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
