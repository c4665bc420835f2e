/*
 * Entity tags in conditional requests. If-Range does not use this file: it is
 * one strong tag, compared with strcmp(3).
 */
#include <stddef.h>
#include <string.h>

#include "base/etag.h"

bool
etag_listed(const char *header, const char *etag)
{
	const char	*close;
	size_t		 n;

	if (header == NULL)
		return (false);
	if (strcmp(header, "*") == 0)
		return (true);
	n = strlen(etag);
	for (;;) {
		header += strspn(header, " \t,");
		if (strncmp(header, "W/", 2) == 0)
			header += 2;
		if (*header != '"' ||
		    (close = strchr(header + 1, '"')) == NULL)
			return (false);
		close++;
		if ((size_t)(close - header) == n &&
		    memcmp(header, etag, n) == 0)
			return (true);
		header = close;
	}
}
