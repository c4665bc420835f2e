/* A spare piece of memory; see spare.h. */
#include <stdlib.h>

#include "base/log.h"
#include "base/spare.h"

unsigned char *
spare_take(unsigned char **spare, size_t n)
{
	unsigned char	*piece = *spare;

	*spare = NULL;
	if (piece == NULL && (piece = malloc(n)) == NULL)
		log_fatal("event=out_of_memory");
	return (piece);
}

void
spare_give(unsigned char **spare, unsigned char *piece)
{
	free(*spare);
	*spare = piece;
}
