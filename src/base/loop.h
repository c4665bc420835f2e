/*
 * Interface of an event loop, for the modules below server/. server/ provides
 * one over Kore's, commands use one over poll(2) (loop_poll.h). Call these
 * functions from the loop's own thread only.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdint.h>

#define LOOP_READ	1
#define LOOP_WRITE	2

struct loop_watch {
	int	 fd;
	int	 events;	/* armed: LOOP_READ | LOOP_WRITE */
	void	 (*ready)(void *arg, int events);	/* level-triggered */
	void	*arg;
	void	*private_data;	/* used by the loop */
};

struct loop {
	/* Watches w->fd for events, or changes the events. The caller owns w
	 * and keeps it until unwatch(). */
	void	(*watch)(struct loop_watch *w, int events);
	/* Stops watching. Call it before the descriptor is closed. */
	void	(*unwatch)(struct loop_watch *w);
	/* Calls tick(arg) every period_ms until the process ends. */
	void	(*every)(int64_t period_ms, void (*tick)(void *arg), void *arg);
};

#endif
