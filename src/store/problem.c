/* What went wrong with the store last; see store.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store/store.h"

static _Thread_local int	last;	/* an errno, or 0 */

static const char *
error_kind(int error)
{
	switch (error) {
	case ENOSPC:
	case EDQUOT:
		return ("is full");
	case EROFS:
		return ("is read-only");
	case EACCES:
	case EPERM:
		return ("refuses access");
	case ENOENT:
		return ("is not there");
	case ENOTDIR:
		return ("is no folder");
	default:
		return ("does not work");
	}
}

const char *
disk_problem(const char *what, int error, char out[DISK_PROBLEM])
{
	(void)snprintf(out, DISK_PROBLEM, "%s %s: %s", what, error_kind(error),
	    strerror(error));
	return (out);
}

void
store_set_error(int error)
{
	last = error;
}

int
store_error(void)
{
	return (last);
}

const char *
store_problem(char out[DISK_PROBLEM])
{
	if (last != 0)
		return (disk_problem("the store", last, out));
	(void)snprintf(out, DISK_PROBLEM, "the store does not work");
	return (out);
}
