/*
 * struct loop over poll(2). Each wait rebuilds the list of descriptors, which
 * is fast enough for the few of a command.
 */
#include <poll.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop_poll.h"

#define WATCHES_MAX	64
#define TIMERS_MAX	16

struct timer {
	int64_t	 period;
	int64_t	 due;		/* next call, in clock_mono_ms() */
	void	 (*tick)(void *);
	void	*arg;
};

static struct loop_watch	*watches[WATCHES_MAX];	/* NULL: unused */
static struct timer		 timers[TIMERS_MAX];
static size_t			 timer_count;

static void	loop_watch(struct loop_watch *, int);
static void	loop_unwatch(struct loop_watch *);
static void	loop_every(int64_t, void (*)(void *), void *);
static int	wait_time(int);
static int	run_ready(const struct pollfd *, struct loop_watch **, nfds_t);
static int	run_timers(void);

static struct loop	poll_loop = { loop_watch, loop_unwatch, loop_every };

struct loop *
loop_poll(void)
{
	return (&poll_loop);
}

static void
loop_watch(struct loop_watch *w, int events)
{
	size_t	 i, slot;

	w->events = events;
	slot = WATCHES_MAX;
	for (i = 0; i < WATCHES_MAX; i++) {
		if (watches[i] == w)
			return;
		if (watches[i] == NULL && slot == WATCHES_MAX)
			slot = i;
	}
	if (slot == WATCHES_MAX)
		log_fatal("event=too_many_watches");
	watches[slot] = w;
}

static void
loop_unwatch(struct loop_watch *w)
{
	size_t	 i;

	w->events = 0;
	for (i = 0; i < WATCHES_MAX; i++) {
		if (watches[i] == w)
			watches[i] = NULL;
	}
}

static void
loop_every(int64_t period_ms, void (*tick)(void *), void *arg)
{
	struct timer	*t;

	if (timer_count == TIMERS_MAX)
		log_fatal("event=too_many_timers");
	t = &timers[timer_count++];
	t->period = period_ms;
	t->due = clock_mono_ms() + period_ms;
	t->tick = tick;
	t->arg = arg;
}

/* The caller's timeout, or the time until the next timer if it is shorter. */
static int
wait_time(int timeout_ms)
{
	int64_t	 now, left;
	size_t	 i;

	now = clock_mono_ms();
	for (i = 0; i < timer_count; i++) {
		left = timers[i].due > now ? timers[i].due - now : 0;
		if (timeout_ms < 0 || left < timeout_ms)
			timeout_ms = left < INT16_MAX ? (int)left : INT16_MAX;
	}

	return (timeout_ms);
}

/* Calls the ready() of each watch with events. A ready() may add or remove
 * other watches, so each is looked up again before its call. */
static int
run_ready(const struct pollfd *fds, struct loop_watch **polled, nfds_t n)
{
	nfds_t	 i;
	size_t	 slot;
	int	 events, calls;

	calls = 0;
	for (i = 0; i < n; i++) {
		events = 0;
		if (fds[i].revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL))
			events |= LOOP_READ;
		if (fds[i].revents & (POLLOUT | POLLHUP | POLLERR | POLLNVAL))
			events |= LOOP_WRITE;
		for (slot = 0; slot < WATCHES_MAX; slot++) {
			if (watches[slot] == polled[i])
				break;
		}
		if (slot == WATCHES_MAX || polled[i]->fd != fds[i].fd)
			continue;
		events &= polled[i]->events;
		if (events != 0) {
			polled[i]->ready(polled[i]->arg, events);
			calls++;
		}
	}

	return (calls);
}

static int
run_timers(void)
{
	int64_t	 now;
	size_t	 i;
	int	 calls;

	calls = 0;
	now = clock_mono_ms();
	for (i = 0; i < timer_count; i++) {
		if (timers[i].due > now)
			continue;
		timers[i].due = now + timers[i].period;
		timers[i].tick(timers[i].arg);
		calls++;
	}

	return (calls);
}

int
loop_poll_run_once(int timeout_ms)
{
	struct pollfd		 fds[WATCHES_MAX];
	struct loop_watch	*polled[WATCHES_MAX];
	nfds_t			 n;
	size_t			 i;
	int			 calls;

	n = 0;
	for (i = 0; i < WATCHES_MAX; i++) {
		if (watches[i] == NULL)
			continue;
		polled[n] = watches[i];
		fds[n].fd = watches[i]->fd;
		fds[n].events = (short)
		    (((watches[i]->events & LOOP_READ) ? POLLIN : 0) |
		    ((watches[i]->events & LOOP_WRITE) ? POLLOUT : 0));
		fds[n].revents = 0;
		n++;
	}
	calls = 0;
	if (poll(fds, n, wait_time(timeout_ms)) > 0)
		calls = run_ready(fds, polled, n);

	return (calls + run_timers());
}
