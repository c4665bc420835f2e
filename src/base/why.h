/* Sentences that say why something is refused. */
#ifndef BASE_WHY_H
#define BASE_WHY_H

#include <stdbool.h>

/* Sets *why to a sentence that the caller frees. Returns false, so that a check
 * can end with it. */
bool	why_not(char **why, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

#endif
