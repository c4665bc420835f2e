/*
 * Graceful shutdown. When the parent calls drain_all(), each worker accepts the
 * pending connections, stops accepting, and finishes the requests in progress.
 * The last worker stops the server.
 */
#ifndef SERVER_DRAIN_H
#define SERVER_DRAIN_H

#include <stdbool.h>

/* Allocates shared memory. Call it in the parent, before it forks. */
void	drain_prepare(void);
/* In the parent: tells all workers to drain. */
void	drain_all(void);
/* Replaces Kore's accept handler. Call it once in each worker. */
void	drain_start(void);
/* Returns whether this worker is shutting down. */
bool	draining(void);

#endif
