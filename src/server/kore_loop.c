/*
 * struct loop over Kore's epoll. Events are level-triggered, as struct loop
 * requires: libpq may leave bytes unread after an event.
 */
#include <sys/types.h>
#include <sys/epoll.h>

#include <kore/kore.h>

#include <stdlib.h>

#include "base/log.h"
#include "server/kore_loop.h"

/* Freed with its struct loop_watch, not by unwatch(): an event of the current
 * batch may still point at it. */
struct kore_watch {
	struct kore_event	 evt;	/* first: Kore casts */
	struct loop_watch	*watch;
	int			 fd;	/* watched, or -1 */
};

struct kore_tick {
	void	 (*tick)(void *);
	void	*arg;
};

static void
watch_event(void *arg, int error)
{
	struct kore_watch	*k = arg;
	int			 events = 0;

	if (k->evt.flags & KORE_EVENT_READ)
		events |= LOOP_READ;
	if (k->evt.flags & KORE_EVENT_WRITE)
		events |= LOOP_WRITE;
	if (error)
		events |= k->watch->events;
	k->evt.flags = 0;
	if (k->fd != -1 && events != 0)
		k->watch->ready(k->watch->arg, events);
}

static void
loop_watch(struct loop_watch *w, int events)
{
	struct kore_watch	*k = w->private_data;
	int			 mask = EPOLLRDHUP;

	if (k == NULL) {
		if ((k = calloc(1, sizeof(*k))) == NULL)
			log_fatal("event=out_of_memory");
		k->evt.type = KORE_TYPE_PGSQL_CONN;
		k->evt.handle = watch_event;
		k->watch = w;
		k->fd = -1;
		w->private_data = k;
	}
	if (events & LOOP_READ)
		mask |= EPOLLIN;
	if (events & LOOP_WRITE)
		mask |= EPOLLOUT;
	w->events = events;
	k->fd = w->fd;
	kore_platform_event_schedule(w->fd, mask, 0, k);
}

static void
loop_unwatch(struct loop_watch *w)
{
	struct kore_watch	*k = w->private_data;

	if (k == NULL || k->fd == -1)
		return;
	kore_platform_disable_read(k->fd);	/* EPOLL_CTL_DEL */
	k->fd = -1;
	w->events = 0;
}

static void
tick_run(void *arg, u_int64_t now)
{
	struct kore_tick	*t = arg;

	(void)now;
	t->tick(t->arg);
}

static void
loop_every(int64_t period_ms, void (*tick)(void *), void *arg)
{
	struct kore_tick	*t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		log_fatal("event=out_of_memory");
	t->tick = tick;
	t->arg = arg;
	kore_timer_add(tick_run, (u_int64_t)period_ms, t, 0);
}

struct loop	kore_loop = { loop_watch, loop_unwatch, loop_every };
