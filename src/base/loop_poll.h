/*
 * struct loop over poll(2), for commands and tests. One loop a process; the
 * server has Kore's instead.
 */
#ifndef BASE_LOOP_POLL_H
#define BASE_LOOP_POLL_H

#include "base/loop.h"

/* The process's loop. */
struct loop	*loop_poll(void);
/* Waits up to timeout ms (-1: without end) for a descriptor or a tick, and
 * calls what is ready. Returns how many calls were made: 0 after a timeout
 * or a signal. */
int		 loop_poll_run_once(int timeout_ms);

#endif
