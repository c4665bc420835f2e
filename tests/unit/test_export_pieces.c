/* The parts of archives: unique file names, and pieces made ahead in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/loop_poll.h"
#include "exports/ahead.h"
#include "exports/names.h"

static void
test_names(void **state)
{
	struct names	n = { NULL, 0, 0 };
	char		name[32];
	int		i;

	(void)state;
	assert_true(names_take(&n, "Appel.mp3"));
	assert_false(names_take(&n, "appel.MP3"));
	assert_true(names_take(&n, "Été.mp3"));
	assert_false(names_take(&n, "été.mp3"));
	assert_true(names_take(&n, "\xc3\x97.mp3"));	/* ×, not a letter */
	assert_true(names_take(&n, "\xc3\xb7.mp3"));	/* ÷ */
	for (i = 0; i < 70000; i++) {
		snprintf(name, sizeof(name), "appel %d", i);
		assert_true(names_take(&n, name));
	}
	assert_false(names_take(&n, "APPEL 69999"));
	names_dispose(&n);
}

/* --- pieces made ahead ---------------------------------------------------- */

#define PIECES	500
#define ROOM	8

struct source {
	int		 next;
	int		 wrong;		/* the piece that fails, or -1 */
	int		 stop_at;	/* after so many pieces; 0: never */
	atomic_int	 live, most;	/* pieces that hold bytes */
	atomic_bool	 over;
};

static enum result
make(struct piece *p)
{
	struct source	*s = p->arg;
	int		 live = atomic_fetch_add(&s->live, 1) + 1;

	if (live > atomic_load(&s->most))
		atomic_store(&s->most, live);
	p->bytes = malloc(16);
	p->n = (size_t)snprintf((char *)p->bytes, 16, "%d", (int)p->part);
	return (p->part == s->wrong ? DAMAGED : OK);
}

static void
release(struct piece *p)
{
	struct source	*s = p->arg;

	if (p->bytes != NULL)
		atomic_fetch_sub(&s->live, 1);
}

static bool
next(void *arg, struct piece *p)
{
	struct source	*s = arg;

	if (s->next == PIECES)
		return (false);
	p->make = make;
	p->release = release;
	p->arg = s;
	p->part = s->next++;
	return (true);
}

static atomic_bool	 stop;
static struct pool	*pool;

static void *
take_all(void *arg)
{
	struct source		*s = arg;
	struct fair_key		 key = fair_customer("1", NULL);
	struct ahead		*a;
	const struct piece	*p;
	int			 n = 0;

	a = ahead_new(pool, ROOM, &key, next, s, &stop);
	while ((p = ahead_take(a)) != NULL && p->result == OK) {
		if (strtol((const char *)p->bytes, NULL, 10) != n)
			break;
		n++;
		if (n == s->stop_at)
			atomic_store(&stop, true);
	}
	ahead_free(a);
	atomic_store(&s->over, true);
	return ((void *)(intptr_t)n);
}

/* Returns the number of pieces that came in order. */
static intptr_t
taken(struct source *s)
{
	pthread_t	 thread;
	void		*n;

	atomic_store(&stop, false);
	assert_int_equal(pthread_create(&thread, NULL, take_all, s), 0);
	while (!atomic_load(&s->over))
		(void)loop_poll_run_once(20);
	pthread_join(thread, &n);
	assert_int_equal(atomic_load(&s->live), 0);
	assert_true(atomic_load(&s->most) <= ROOM);
	return ((intptr_t)n);
}

static void
test_ahead(void **state)
{
	struct source	all = { .wrong = -1 }, wrong = { .wrong = 100 };
	struct source	stopped = { .wrong = -1, .stop_at = 37 };

	(void)state;
	pool = pool_new(loop_poll(), 4, ROOM);
	assert_int_equal(taken(&all), PIECES);
	assert_int_equal(taken(&wrong), 100);
	assert_in_range(taken(&stopped), 37, 37 + ROOM);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_ahead)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
