/* Sentences; see why.h. */
#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"
#include "base/why.h"

bool
why_not(char **why, const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	if (vasprintf(why, fmt, ap) == -1)
		log_fatal("event=out_of_memory");
	va_end(ap);
	return (false);
}
