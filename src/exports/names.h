/*
 * File names in one folder: which have been given already, blind to case, as
 * Windows and macOS are. Names are kept as hashes of 64 bits: two that meet
 * by chance only make a number appear. Pure.
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

/* Takes the name (valid UTF-8); false: it is taken. */
bool	names_take(struct names *n, const char *name);
void	names_dispose(struct names *n);

#endif
