/* src/jobs/pace.c: steps of 25 ms, and pauses as long as they took. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jobs/pace.h"

#define SECOND	INT64_C(1000000)

/* Works for us, at us_a_row per row; returns the share of it that was work. */
static double
share(int64_t us, int64_t us_a_row, int *largest_ms)
{
	struct pace	p;
	int64_t		now = 77, took, worked = 0;
	int		pause = 0;

	pace_begin(&p, now);
	for (*largest_ms = 0; pause >= 0 && now < 77 + us;
	    now += took + pause * INT64_C(1000)) {
		took = p.size * us_a_row;
		worked += took;
		if (took / 1000 > *largest_ms)
			*largest_ms = (int)(took / 1000);
		pause = pace_next(&p, now, now + took);
		if (pause < 0)
			pause = 0;
	}
	return ((double)worked / (double)us);
}

static void
test_half_a_core(void **state)
{
	const int64_t	costs[] = { 30, 200, 600, 2400 };
	double		part;
	size_t		i;
	int		largest;

	(void)state;
	for (i = 0; i < sizeof(costs) / sizeof(costs[0]); i++) {
		part = share(4 * SECOND, costs[i], &largest);
		assert_true(part > 0.4 && part <= 0.51);
		/* the first one is a guess */
		assert_true(largest <= (costs[i] == 2400 ? 120 : 30));
	}
}

static void
test_sizes(void **state)
{
	struct pace	p;
	int		first, size;

	(void)state;
	pace_begin(&p, 0);
	first = p.size;
	(void)pace_next(&p, 0, 1);	/* nothing measurable */
	assert_int_equal(p.size, 2 * first);
	size = p.size;
	assert_int_equal(pace_next(&p, SECOND, SECOND + 50000), 50);
	assert_int_equal(p.size, size / 2);
	/* a lock was waited for: neither stuck nor asleep for as long */
	assert_int_equal(pace_next(&p, 2 * SECOND, 4 * SECOND), 1000);
	assert_true(p.size >= 1);
	while (p.size < 1000)
		assert_true(pace_next(&p, 4 * SECOND, 4 * SECOND) >= 0);
	(void)pace_next(&p, 4 * SECOND, 4 * SECOND);
	assert_int_equal(p.size, 1000);
}

static void
test_turn(void **state)
{
	struct pace	p;

	(void)state;
	pace_begin(&p, 10 * SECOND);
	assert_int_equal(pace_next(&p, 14 * SECOND, 14 * SECOND + 1000), 1);
	assert_int_equal(pace_next(&p, 15 * SECOND, 15 * SECOND + 1000), -1);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_half_a_core),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_turn)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
