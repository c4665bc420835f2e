/*
 * The set of file names used in one folder, without regard to case, as on
 * Windows and macOS. It holds 64-bit hashes: two names with the same hash only
 * cause a needless number in a name. Pure.
 */
#ifndef EXPORTS_NAMES_H
#define EXPORTS_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct names {
	uint64_t	*table;		/* open addressing; 0: free */
	size_t		 size;		/* a power of 2, or 0 */
	size_t		 count;
};

/* Adds the name (valid UTF-8); returns false when it is in the set. */
bool	names_take(struct names *n, const char *name);
void	names_dispose(struct names *n);

#endif
