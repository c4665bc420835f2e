/*
 * The asynchronous pool without a database: queries right after the start wait,
 * as the database may be starting; later ones are refused at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/loop_poll.h"
#include "db/db.h"

static int		answers;
static enum result	last;

static void
note(void *owner, enum result outcome, struct db_rows *rows)
{
	assert_ptr_equal(owner, &answers);
	assert_null(rows);
	answers++;
	last = outcome;
}

static void
refuses_within_a_second_then_at_once(void **state)
{
	const char		*params[] = { "x" };
	const struct db_options	options = { "host=/nonexistent", 3, true,
				    3000 };
	int64_t			start;

	(void)state;
	db_start(loop_poll(), &options);
	start = clock_mono_ms();
	assert_non_null(db_send((enum sql)0, NULL, params, 1, note, &answers));
	db_abandon(db_send((enum sql)0, NULL, params, 1, note, &answers));
	while (answers == 0 && clock_mono_ms() - start < 2000)
		loop_poll_run_once(20);
	assert_int_equal(answers, 1);
	assert_int_equal(last, UNAVAILABLE);
	assert_in_range(clock_mono_ms() - start, 500, 1000);

	last = OK;
	assert_null(db_send((enum sql)0, NULL, params, 1, note, &answers));
	assert_int_equal(answers, 2);
	assert_int_equal(last, UNAVAILABLE);
	assert_false(db_up());
}

static void
says_why_it_cannot_open(void **state)
{
	char	*why = NULL;

	(void)state;
	assert_null(db_connect("host=/nonexistent", &why));
	assert_non_null(why);
	free(why);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(refuses_within_a_second_then_at_once),
		cmocka_unit_test(says_why_it_cannot_open),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
