/*
 * The event loop as the lower floors see it: server/ fills it in with
 * Kore's, the commands use poll(2) (loop_poll). Only the thread that owns
 * the loop calls these.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdint.h>

#define LOOP_READ	1
#define LOOP_WRITE	2

struct loop_watch {
	int	 fd;
	int	 events;	/* what is armed now: LOOP_READ | LOOP_WRITE */
	void	 (*ready)(void *arg, int events);	/* level-triggered */
	void	*arg;
	void	*private_data;	/* the loop's own */
};

struct loop {
	/* Arms w->fd for events, or changes them. w outlives the watch. */
	void	(*watch)(struct loop_watch *w, int events);
	/* Stops watching. Call before the fd is closed. */
	void	(*unwatch)(struct loop_watch *w);
	/* Calls tick(arg) every period_ms for ever. */
	void	(*every)(int64_t period_ms, void (*tick)(void *arg), void *arg);
};

#endif
