/*
 * Turns of heavy work, see heavy.h. The slots are in memory that all processes
 * share, under a lock that survives the death of its holder. A process that
 * frees a slot wakes those that wait, each through its own eventfd; a tick
 * makes up for a wake-up that got lost.
 */
#include <sys/eventfd.h>
#include <sys/mman.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/heavy.h"
#include "base/log.h"

#define TICK_MS		50
#define PATIENCE_MS	20000	/* maximum time in the queue */
#define WAITING		32	/* of a customer, in each process */

struct slot {
	pid_t		pid;		/* 0: free */
	enum fair_kind	kind;
	uint64_t	customer;
};

/* In shared memory, with the slots of each kind, then a flag a process. */
struct shared {
	pthread_mutex_t	lock;		/* of the slots */
	unsigned	slots;		/* of each kind */
	unsigned	processes;
	struct slot	slot[];
};

static struct shared	*shared;
static atomic_bool	*waiting;	/* of each process */
static int		*wakes;		/* eventfd of each process */

/* Of this process. */
static struct fair	*queues[HEAVY_KINDS];
static struct loop_watch watch;
static unsigned		 self;
static pid_t		 pid;

/* --- shared --------------------------------------------------------------- */

unsigned
heavy_slots(void)
{
	long	cores = sysconf(_SC_NPROCESSORS_ONLN);

	return (cores > 3 ? (unsigned)cores - 1 : 2);
}

static void
lock_init(pthread_mutex_t *lock)
{
	pthread_mutexattr_t	attr;

	if (pthread_mutexattr_init(&attr) != 0 ||
	    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) != 0 ||
	    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST) != 0 ||
	    pthread_mutex_init(lock, &attr) != 0)
		log_fatal("event=no_shared_memory");
	pthread_mutexattr_destroy(&attr);
}

void
heavy_prepare(unsigned slots, unsigned processes)
{
	size_t		size = sizeof(*shared) +
			    slots * HEAVY_KINDS * sizeof(struct slot);
	unsigned	i;

	shared = mmap(NULL, size + processes * sizeof(*waiting),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	wakes = calloc(processes, sizeof(*wakes));
	if (shared == MAP_FAILED || wakes == NULL)
		log_fatal("event=no_shared_memory");
	waiting = (atomic_bool *)((char *)shared + size);
	shared->slots = slots;
	shared->processes = processes;
	lock_init(&shared->lock);
	for (i = 0; i < processes; i++)
		if ((wakes[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) == -1)
			log_fatal("event=no_descriptor");
}

/* A holder that died has changed one slot at most, and completely. */
static void
lock_take(void)
{
	if (pthread_mutex_lock(&shared->lock) == EOWNERDEAD)
		(void)pthread_mutex_consistent(&shared->lock);
}

static void
lock_give(void)
{
	(void)pthread_mutex_unlock(&shared->lock);
}

static void
wake_waiting(void)
{
	unsigned	i;

	for (i = 0; i < shared->processes; i++)
		if (atomic_load(&waiting[i]))
			(void)eventfd_write(wakes[i], 1);
}

void
heavy_forget(pid_t dead)
{
	unsigned	i;

	lock_take();
	for (i = 0; i < shared->slots * HEAVY_KINDS; i++)
		if (shared->slot[i].pid == dead)
			shared->slot[i].pid = 0;
	lock_give();
	wake_waiting();
}

/* Returns whether two holders count as one: a customer, or all strangers. */
static bool
same_holder(const struct slot *s, const struct fair_key *k)
{
	return (s->kind == k->kind && k->kind != FAIR_SYSTEM &&
	    (k->kind == FAIR_STRANGER || s->customer == k->customer));
}

/* Takes a slot for a customer. Returns its index, or -1. The caller holds the
 * lock. */
static int
slot_take(enum heavy_kind kind, const struct fair_key *k)
{
	unsigned	 first = kind * shared->slots, held = 0, i;
	struct slot	*s, *empty = NULL;

	for (i = first; i < first + shared->slots; i++) {
		s = &shared->slot[i];
		if (s->pid == 0)
			empty = s;
		else
			held += same_holder(s, k);
	}
	if (empty == NULL || (held > 0 && held >= shared->slots - 1))
		return (-1);
	empty->kind = k->kind;
	empty->customer = k->customer;
	empty->pid = pid;
	return ((int)(empty - shared->slot));
}

/* --- this process --------------------------------------------------------- */

struct taking {
	enum heavy_kind	kind;
	int		slot;
};

static bool
may_take(void *arg, const struct fair_key *k)
{
	struct taking	*t = arg;

	lock_take();
	t->slot = slot_take(t->kind, k);
	lock_give();
	return (t->slot != -1);
}

/* Starts what may start, of one kind. */
static void
serve(enum heavy_kind kind)
{
	struct taking		 t = { kind, -1 };
	struct fair_item	*i;
	struct heavy		*h;

	while ((i = fair_take(queues[kind], may_take, &t)) != NULL) {
		h = (struct heavy *)i;	/* its first member */
		h->slot = (unsigned)t.slot;
		h->start(h);
	}
}

static void
serve_all(void)
{
	size_t	left = 0;
	int	kind;

	/* before the slots are looked at, so that no wake-up is missed */
	atomic_store(&waiting[self], true);
	for (kind = 0; kind < HEAVY_KINDS; kind++)
		serve((enum heavy_kind)kind);
	for (kind = 0; kind < HEAVY_KINDS; kind++)
		left += fair_waiting(queues[kind]);
	if (left == 0)
		atomic_store(&waiting[self], false);
}

static void
woken(void *arg, int events)
{
	eventfd_t	count;

	(void)arg;
	(void)events;
	(void)eventfd_read(watch.fd, &count);
	serve_all();
}

/* Refuses what has waited too long. */
static void
expire(struct fair *queue, int64_t now)
{
	struct fair_item	*i;
	struct heavy		*h;
	bool			 own;

	while ((i = fair_oldest(queue)) != NULL) {
		h = (struct heavy *)i;
		if (now < h->deadline)
			return;
		own = i->key.kind != FAIR_SYSTEM && fair_share(i) > 1;
		fair_remove(queue, i);
		h->refused(h, own ? CROWDED : BUSY);
	}
}

static void
tick(void *arg)
{
	int64_t	now = clock_mono_ms();
	int	kind;

	(void)arg;
	if (!atomic_load(&waiting[self]))
		return;
	for (kind = 0; kind < HEAVY_KINDS; kind++)
		expire(queues[kind], now);
	serve_all();
}

/*
 * Nobody holds all turns of a process either. What has its turn may still wait
 * for a connection to the database (db/pool.c), and keeps others from the turn
 * meanwhile: so that its own kind is not what it waits for, a customer has at
 * most 3/4 of the turns, which are half of the connections, and a person 1/2.
 */
static struct fair *
queue_new(unsigned slots)
{
	struct fair_limits	limits = { .total = 8 * WAITING,
				    .customer = WAITING, .slots = slots };

	limits.kind_slots = slots > 1 ? slots - 1 : slots;
	limits.customer_slots = (3 * slots + 3) / 4;
	if (limits.customer_slots > limits.kind_slots)
		limits.customer_slots = limits.kind_slots;
	limits.person_slots = (slots + 1) / 2;
	return (fair_new(&limits));
}

void
heavy_start(struct loop *loop, unsigned number, unsigned work, unsigned hash)
{
	pid = getpid();
	self = number % shared->processes;
	queues[HEAVY_WORK] = queue_new(work);
	queues[HEAVY_HASH] = queue_new(hash);
	watch.fd = wakes[self];
	watch.ready = woken;
	loop->watch(&watch, LOOP_READ);
	loop->every(TICK_MS, tick, NULL);
}

enum result
heavy_wait(struct heavy *h)
{
	struct fair_item	*out;

	h->deadline = clock_mono_ms() + PATIENCE_MS;
	out = fair_add(queues[h->kind], &h->item);
	if (out == &h->item)
		return (CROWDED);
	atomic_store(&waiting[self], true);
	(void)eventfd_write(wakes[self], 1);
	if (out != NULL)
		((struct heavy *)out)->refused((struct heavy *)out, CROWDED);
	return (OK);
}

void
heavy_cancel(struct heavy *h)
{
	fair_remove(queues[h->kind], &h->item);
}

void
heavy_end(struct heavy *h)
{
	lock_take();
	shared->slot[h->slot].pid = 0;
	lock_give();
	fair_end(queues[h->kind], &h->item);
	wake_waiting();
}
