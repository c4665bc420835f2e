/*
 * struct loop over poll(2), for commands and tests. A process has one.
 */
#ifndef BASE_LOOP_POLL_H
#define BASE_LOOP_POLL_H

#include "base/loop.h"

/* Returns the loop of the process. */
struct loop	*loop_poll(void);
/* Waits up to timeout_ms (-1: without limit) for a descriptor or a timer, and
 * calls the functions of those that are ready. Returns the number of calls; 0
 * after a timeout or a signal. */
int		 loop_poll_run_once(int timeout_ms);

#endif
