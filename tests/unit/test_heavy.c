/* Turns of heavy work, in this process and among several. */
#include <sys/wait.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/heavy.h"
#include "base/loop_poll.h"

#define SLOTS		2
#define PATIENCE_MS	9000

struct turn {
	struct heavy	heavy;
	int		starts;
	enum result	refused;
};

static void
turn_start(struct heavy *h)
{
	((struct turn *)h)->starts++;
}

static void
turn_refused(struct heavy *h, enum result why)
{
	((struct turn *)h)->refused = why;
}

static struct turn
turn_of(struct fair_key key)
{
	return ((struct turn) { .heavy = { .item = { .key = key },
	    .kind = HEAVY_WORK, .start = turn_start,
	    .refused = turn_refused } });
}

static struct fair_key
stranger(const char *address)
{
	struct ip	ip;

	assert_true(ip_parse(address, strlen(address), &ip));
	return (fair_stranger(&ip));
}

/* Runs the loop until the turn has come. */
static void
wait_start(struct turn *t)
{
	int64_t	end = clock_mono_ms() + PATIENCE_MS;

	while (t->starts == 0) {
		assert_true(clock_mono_ms() < end);
		loop_poll_run_once(20);
	}
}

/* Runs the loop until what can start has started. */
static void
settle(void)
{
	while (loop_poll_run_once(0) > 0)
		continue;
}

/* Of two slots a customer has one, whatever it has waiting. */
static void
test_customers(void **state)
{
	struct turn	a[2], b = turn_of(fair_customer("2", "1"));

	(void)state;
	a[0] = a[1] = turn_of(fair_customer("1", "1"));
	assert_int_equal(heavy_wait(&a[0].heavy), OK);
	assert_int_equal(heavy_wait(&a[1].heavy), OK);
	assert_int_equal(a[0].starts, 0);	/* never at once */
	wait_start(&a[0]);
	settle();
	assert_int_equal(a[1].starts, 0);
	assert_int_equal(heavy_wait(&b.heavy), OK);
	wait_start(&b);
	heavy_end(&a[0].heavy);
	wait_start(&a[1]);
	heavy_end(&a[1].heavy);
	heavy_end(&b.heavy);
}

/* All strangers together have one of the two. */
static void
test_strangers(void **state)
{
	struct turn	s = turn_of(stranger("192.0.2.1"));
	struct turn	t = turn_of(stranger("2001:db8::1"));
	struct turn	c = turn_of(fair_customer("1", "1"));

	(void)state;
	assert_int_equal(heavy_wait(&s.heavy), OK);
	wait_start(&s);
	assert_int_equal(heavy_wait(&t.heavy), OK);
	assert_int_equal(heavy_wait(&c.heavy), OK);
	wait_start(&c);
	settle();
	assert_int_equal(t.starts, 0);
	heavy_cancel(&t.heavy);
	heavy_end(&s.heavy);
	heavy_end(&c.heavy);
}

/* A full queue refuses the customer's own; a colleague with few is not, but the
 * one with the most loses the newest. */
static void
test_full(void **state)
{
	struct turn	held = turn_of(fair_customer("1", "1"));
	struct turn	mine[33], his = turn_of(fair_customer("1", "2"));
	struct turn	theirs = turn_of(fair_customer("2", "1"));
	int		i;

	(void)state;
	assert_int_equal(heavy_wait(&held.heavy), OK);
	wait_start(&held);
	for (i = 0; i < 33; i++)
		mine[i] = turn_of(fair_customer("1", "1"));
	for (i = 0; i < 32; i++)
		assert_int_equal(heavy_wait(&mine[i].heavy), OK);
	assert_int_equal(heavy_wait(&mine[32].heavy), CROWDED);
	assert_int_equal(heavy_wait(&his.heavy), OK);
	assert_int_equal(mine[31].refused, CROWDED);
	assert_int_equal(heavy_wait(&theirs.heavy), OK);
	wait_start(&theirs);
	for (i = 0; i < 31; i++)
		heavy_cancel(&mine[i].heavy);
	heavy_cancel(&his.heavy);
	heavy_end(&held.heavy);
	heavy_end(&theirs.heavy);
}

/* Passwords have slots of their own. */
static void
test_kinds(void **state)
{
	struct turn	a = turn_of(fair_customer("1", "1"));
	struct turn	b = turn_of(fair_customer("1", "1"));

	(void)state;
	b.heavy.kind = HEAVY_HASH;
	assert_int_equal(heavy_wait(&a.heavy), OK);
	assert_int_equal(heavy_wait(&b.heavy), OK);
	wait_start(&a);
	wait_start(&b);
	heavy_end(&a.heavy);
	heavy_end(&b.heavy);
}

/* In another process: takes a slot for customer 1, says so, and stays. */
static void
hold_in_child(int out)
{
	struct turn	t = turn_of(fair_customer("1", "1"));

	heavy_start(loop_poll(), 1, 2, 1);
	(void)heavy_wait(&t.heavy);
	wait_start(&t);
	if (write(out, "x", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

/* A slot that another process holds counts, and comes back when it is killed:
 * what waits here is woken. */
static void
test_processes(void **state)
{
	struct turn	a = turn_of(fair_customer("1", "1"));
	int		fds[2], status;
	char		x;
	pid_t		child;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_true((child = fork()) != -1);
	if (child == 0)
		hold_in_child(fds[1]);
	assert_int_equal(read(fds[0], &x, 1), 1);
	assert_int_equal(heavy_wait(&a.heavy), OK);
	settle();
	assert_int_equal(a.starts, 0);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	heavy_forget(child);
	wait_start(&a);
	heavy_end(&a.heavy);
	close(fds[0]);
	close(fds[1]);
}

/* In another process, of a node with more slots than the process has: a
 * person has half of its turns, a customer or the strangers not all. */
static void
share_in_child(void)
{
	struct turn	t[8];
	int		i, mine = 0, ours = 0, strangers = 0;

	heavy_prepare(8, 1);
	heavy_start(loop_poll(), 0, 4, 2);
	for (i = 0; i < 8; i++) {
		t[i] = turn_of(i < 6 ? fair_customer("1", i < 3 ? "1" : "2") :
		    stranger(i == 6 ? "192.0.2.1" : "2001:db8::1"));
		if (i >= 6)
			t[i].heavy.kind = HEAVY_HASH;
		(void)heavy_wait(&t[i].heavy);
	}
	settle();
	for (i = 0; i < 8; i++) {
		mine += i < 3 && t[i].starts > 0;
		ours += i < 6 && t[i].starts > 0;
		strangers += i >= 6 && t[i].starts > 0;
	}
	_exit(mine >= 1 && mine <= 2 && ours == 3 && strangers == 1 ? 0 : 1);
}

static void
test_shares(void **state)
{
	int	status;
	pid_t	child;

	(void)state;
	assert_true((child = fork()) != -1);
	if (child == 0)
		share_in_child();
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static int
start(void **state)
{
	(void)state;
	assert_true(heavy_slots() >= 2);
	heavy_prepare(SLOTS, 2);
	heavy_start(loop_poll(), 0, 2, 1);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_customers),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_processes),
		cmocka_unit_test(test_shares),
	};

	return (cmocka_run_group_tests(tests, start, NULL));
}
