/*
 * Thread pool over the poll loop: each job runs once and is done once, in
 * the right threads, whatever the load. Also the loop itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/loop_poll.h"
#include "base/pool.h"

#define JOBS		2000
#define PATIENCE_MS	20000

struct counted {
	struct job	 job;
	atomic_int	 runs;
	int		 dones;
	pthread_t	 ran_on;
	bool		 signals_blocked;
	bool		 again;		/* done() submits it once more */
	struct pool	*pool;
};

static pthread_t	 main_thread;
static int		 done_count;

/* Jobs wait at a gate, so that the pool is certainly busy. */
static pthread_mutex_t	 gate_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t	 gate_change = PTHREAD_COND_INITIALIZER;
static int		 gate_waiting;
static bool		 gate_open;

static void
counted_run(struct job *j)
{
	struct counted	*c = (struct counted *)j;
	sigset_t	 blocked;

	atomic_fetch_add(&c->runs, 1);
	c->ran_on = pthread_self();
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	c->signals_blocked = sigismember(&blocked, SIGTERM) == 1 &&
	    sigismember(&blocked, SIGHUP) == 1;
}

static void
counted_done(struct job *j)
{
	struct counted	*c = (struct counted *)j;

	assert_true(pthread_equal(pthread_self(), main_thread));
	c->dones++;
	done_count++;
	if (c->again) {
		c->again = false;
		assert_int_equal(pool_submit(c->pool, j), OK);
	}
}

static void
gate_run(struct job *j)
{
	pthread_mutex_lock(&gate_lock);
	gate_waiting++;
	pthread_cond_broadcast(&gate_change);
	while (!gate_open)
		pthread_cond_wait(&gate_change, &gate_lock);
	pthread_mutex_unlock(&gate_lock);
	counted_run(j);
}

static void
run_until_done(int count)
{
	int64_t	 deadline;

	deadline = clock_mono_ms() + PATIENCE_MS;
	while (done_count < count) {
		assert_true(clock_mono_ms() < deadline);
		(void)loop_poll_run_once(1000);
	}
}

static void
gate_shut(void)
{
	gate_open = false;
	gate_waiting = 0;
}

static void
gate_let_go(void)
{
	pthread_mutex_lock(&gate_lock);
	gate_open = true;
	pthread_cond_broadcast(&gate_change);
	pthread_mutex_unlock(&gate_lock);
}

static struct counted *
new_jobs(size_t n, struct pool *p, void (*run)(struct job *))
{
	struct counted	*jobs;
	size_t		 i;

	jobs = calloc(n, sizeof(*jobs));
	assert_non_null(jobs);
	for (i = 0; i < n; i++) {
		jobs[i].job.run = run;
		jobs[i].job.done = counted_done;
		jobs[i].pool = p;
	}
	done_count = 0;

	return (jobs);
}

static void
test_once_each(void **state)
{
	struct pool	*p;
	struct counted	*jobs;
	size_t		 i;

	(void)state;
	p = pool_new(loop_poll(), 3, JOBS);
	assert_non_null(p);
	jobs = new_jobs(JOBS, p, counted_run);
	for (i = 0; i < JOBS; i++)
		assert_int_equal(pool_submit(p, &jobs[i].job), OK);
	run_until_done(JOBS);
	for (i = 0; i < JOBS; i++) {
		assert_int_equal(jobs[i].runs, 1);
		assert_int_equal(jobs[i].dones, 1);
		assert_false(pthread_equal(jobs[i].ran_on, main_thread));
		assert_true(jobs[i].signals_blocked);
	}
	/* No job is reported twice. */
	assert_int_equal(loop_poll_run_once(0), 0);
	free(jobs);
}

static void
test_submit_from_done(void **state)
{
	struct pool	*p;
	struct counted	*jobs;

	(void)state;
	p = pool_new(loop_poll(), 1, 1);
	assert_non_null(p);
	jobs = new_jobs(1, p, counted_run);
	jobs[0].again = true;
	assert_int_equal(pool_submit(p, &jobs[0].job), OK);
	run_until_done(2);
	assert_int_equal(jobs[0].runs, 2);
	free(jobs);
}

/* Two jobs run, three wait, the sixth is refused and accepted later.
 * pool_resubmit() of a further one is never refused. */
static void
test_full(void **state)
{
	struct pool	*p;
	struct counted	*jobs;
	size_t		 i;

	(void)state;
	p = pool_new(loop_poll(), 2, 3);
	assert_non_null(p);
	gate_shut();
	jobs = new_jobs(7, p, gate_run);
	for (i = 0; i < 2; i++)
		assert_int_equal(pool_submit(p, &jobs[i].job), OK);
	pthread_mutex_lock(&gate_lock);
	while (gate_waiting < 2)
		pthread_cond_wait(&gate_change, &gate_lock);
	pthread_mutex_unlock(&gate_lock);

	for (i = 2; i < 5; i++)
		assert_int_equal(pool_submit(p, &jobs[i].job), OK);
	assert_int_equal(pool_submit(p, &jobs[5].job), BUSY);
	pool_resubmit(p, &jobs[6].job);
	assert_int_equal(loop_poll_run_once(0), 0);

	pthread_mutex_lock(&gate_lock);
	gate_open = true;
	pthread_cond_broadcast(&gate_change);
	pthread_mutex_unlock(&gate_lock);
	run_until_done(6);
	assert_int_equal(jobs[5].runs, 0);
	assert_int_equal(pool_submit(p, &jobs[5].job), OK);
	run_until_done(7);
	free(jobs);
}

/* However many jobs a customer queues, one thread is left to the others; and
 * only its own further ones are refused. */
static void
test_customers(void **state)
{
	struct pool	*p = pool_new_behind(loop_poll(), 2, 4);
	struct counted	*mine, *theirs;
	size_t		 i;

	(void)state;
	assert_non_null(p);
	gate_shut();
	mine = new_jobs(6, p, gate_run);
	theirs = new_jobs(1, p, counted_run);
	theirs->job.item.key = fair_customer("2", "1");
	for (i = 0; i < 6; i++)
		mine[i].job.item.key = fair_customer("1", NULL);
	assert_int_equal(pool_submit(p, &mine[0].job), OK);
	pthread_mutex_lock(&gate_lock);
	while (gate_waiting < 1)
		pthread_cond_wait(&gate_change, &gate_lock);
	pthread_mutex_unlock(&gate_lock);
	for (i = 1; i < 5; i++)
		assert_int_equal(pool_submit(p, &mine[i].job), OK);
	assert_int_equal(pool_submit(p, &mine[5].job), CROWDED);
	assert_int_equal(pool_submit(p, &theirs->job), OK);
	run_until_done(1);
	assert_int_equal(theirs->dones, 1);
	assert_int_equal(gate_waiting, 1);
	gate_let_go();
	run_until_done(6);
	free(mine);
	free(theirs);
}

static void
test_no_threads(void **state)
{
	(void)state;
	assert_null(pool_new(loop_poll(), 0, 1));
}

static int	 ready_calls;
static int	 ready_events;

static void
count_ready(void *arg, int events)
{
	(void)arg;
	ready_calls++;
	ready_events = events;
}

static void
test_loop_watch(void **state)
{
	struct loop_watch	 w = { .ready = count_ready };
	struct loop		*l = loop_poll();
	char			 c;
	int			 ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	w.fd = ends[0];
	l->watch(&w, LOOP_READ);
	assert_int_equal(loop_poll_run_once(0), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	/* Level-triggered: reported until it is read. */
	assert_int_equal(loop_poll_run_once(1000), 1);
	assert_int_equal(loop_poll_run_once(1000), 1);
	assert_int_equal(ready_calls, 2);
	assert_int_equal(ready_events, LOOP_READ);
	assert_int_equal(read(ends[0], &c, 1), 1);
	assert_int_equal(loop_poll_run_once(0), 0);
	/* A closed other end is reported as readable. */
	assert_int_equal(close(ends[1]), 0);
	assert_int_equal(loop_poll_run_once(1000), 1);
	l->watch(&w, 0);
	assert_int_equal(loop_poll_run_once(0), 0);
	l->unwatch(&w);
	assert_int_equal(close(ends[0]), 0);
}

/* A callback that unwatches both: the other one is not called. */
static struct loop_watch	 pair[2];

static void
unwatch_both(void *arg, int events)
{
	(void)arg;
	(void)events;
	ready_calls++;
	loop_poll()->unwatch(&pair[0]);
	loop_poll()->unwatch(&pair[1]);
}

static void
test_loop_unwatch_inside(void **state)
{
	int	 ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	pair[0].fd = pair[1].fd = ends[0];
	pair[0].ready = pair[1].ready = unwatch_both;
	loop_poll()->watch(&pair[0], LOOP_READ);
	loop_poll()->watch(&pair[1], LOOP_READ);
	ready_calls = 0;
	assert_int_equal(loop_poll_run_once(1000), 1);
	assert_int_equal(ready_calls, 1);
	assert_int_equal(loop_poll_run_once(0), 0);
	assert_int_equal(close(ends[0]), 0);
	assert_int_equal(close(ends[1]), 0);
}

static void
count_tick(void *arg)
{
	(*(int *)arg)++;
}

/* This is the last test, as the ticks never stop. */
static void
test_loop_every(void **state)
{
	static int	 ticks;
	int64_t		 start;

	(void)state;
	start = clock_mono_ms();
	loop_poll()->every(20, count_tick, &ticks);
	while (ticks < 3) {
		assert_true(clock_mono_ms() - start < PATIENCE_MS);
		(void)loop_poll_run_once(-1);
	}
	assert_true(clock_mono_ms() - start >= 60);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_once_each),
		cmocka_unit_test(test_submit_from_done),
		cmocka_unit_test(test_customers),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_no_threads),
		cmocka_unit_test(test_loop_watch),
		cmocka_unit_test(test_loop_unwatch_inside),
		cmocka_unit_test(test_loop_every),
	};

	main_thread = pthread_self();
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
