/*
 * A spare piece of memory: what is given back is kept for the next who takes
 * some, one piece at most. All pieces of a spare have one size. For one thread.
 */
#ifndef BASE_SPARE_H
#define BASE_SPARE_H

#include <stddef.h>

/* Returns the spare piece, or a new one of n bytes, which the caller owns. Ends
 * the process when there is no memory. */
unsigned char	*spare_take(unsigned char **spare, size_t n);
/* Keeps a piece, which may be NULL, and frees the one that was kept. */
void		 spare_give(unsigned char **spare, unsigned char *piece);

#endif
