/*
 * Memory of a worker after a peak. What thousands of connections have freed
 * lies between what is still used, so that malloc keeps it; this gives it back
 * to the system.
 */
#ifndef SERVER_TRIM_H
#define SERVER_TRIM_H

/* Call it once in each worker. */
void	trim_start(void);

#endif
