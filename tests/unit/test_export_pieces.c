/* What archives are put together from: names that are taken, cells that are
 * no formulas, pieces made ahead in order. */
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
#include "exports/table.h"

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
	assert_true(names_take(&n, "\xc3\x97.mp3"));	/* ×, no letter */
	assert_true(names_take(&n, "\xc3\xb7.mp3"));	/* ÷ */
	for (i = 0; i < 70000; i++) {
		snprintf(name, sizeof(name), "appel %d", i);
		assert_true(names_take(&n, name));
	}
	assert_false(names_take(&n, "APPEL 69999"));
	names_dispose(&n);
}

static void
expect_row(enum lang lang, const char *cell, const char *want)
{
	const char	*cells[] = { cell, NULL, "x" };
	struct buf	 b = { NULL, 0, 0 };

	table_row(&b, lang, cells, 3);
	assert_string_equal(b.data, want);
	buf_dispose(&b);
}

static void
test_table(void **state)
{
	struct buf	b = { NULL, 0, 0 };

	(void)state;
	table_begin(&b);
	assert_string_equal(b.data, "\xef\xbb\xbf");
	buf_dispose(&b);
	expect_row(LANG_FR, "a;b", "\"a;b\";\"\";\"x\"\r\n");
	expect_row(LANG_EN, "a,b", "\"a,b\",\"\",\"x\"\r\n");
	expect_row(
	    LANG_FR, "dit \"oui\"", "\"dit \"\"oui\"\"\";\"\";\"x\"\r\n");
	expect_row(LANG_FR, "=1+1", "\"'=1+1\";\"\";\"x\"\r\n");
	expect_row(LANG_FR, "+33", "\"'+33\";\"\";\"x\"\r\n");
	expect_row(LANG_FR, "-2", "\"'-2\";\"\";\"x\"\r\n");
	expect_row(LANG_FR, "@A1", "\"'@A1\";\"\";\"x\"\r\n");
	expect_row(LANG_FR, "\tx", "\"'\tx\";\"\";\"x\"\r\n");
	expect_row(LANG_FR, "\rx", "\"'\rx\";\"\";\"x\"\r\n");
	expect_row(LANG_FR, "  =x", "\"'  =x\";\"\";\"x\"\r\n");
	expect_row(LANG_FR, "1-2", "\"1-2\";\"\";\"x\"\r\n");
	expect_row(LANG_FR, "", "\"\";\"\";\"x\"\r\n");
}

/* --- pieces made ahead ---------------------------------------------------- */

#define PIECES	500
#define ROOM	8

struct source {
	int		 next;
	int		 wrong;		/* piece that can't be made; -1 */
	int		 stop_at;	/* pieces taken; 0: never */
	atomic_int	 live, most;	/* pieces with bytes */
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
	struct ahead		*a;
	const struct piece	*p;
	int			 n = 0;

	a = ahead_new(pool, ROOM, next, s, &stop);
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

/* How many came, in order. */
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
		cmocka_unit_test(test_names), cmocka_unit_test(test_table),
		cmocka_unit_test(test_ahead)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
