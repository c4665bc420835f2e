/*
 * Leaving in order: on SIGHUP a worker takes what is pending, stops
 * accepting, finishes what is under way; the last one stops the server.
 */
#ifndef SERVER_DRAIN_H
#define SERVER_DRAIN_H

#include <stdbool.h>

/* Parent, before the workers exist: what they share. */
void	drain_prepare(void);
/* Once in each worker: accept only when the certificate is there. */
void	drain_start(void);
bool	draining(void);

#endif
