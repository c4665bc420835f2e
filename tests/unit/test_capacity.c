/* Unit tests of how many connections a worker can hold. */
#include <sys/resource.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/capacity.h"

/* The limit of a process can't be raised again, except by root. */
static void
test_connections(void **state)
{
	struct settings	s = { .worker_connections = 100 };
	struct rlimit	rl = { OTHER_FILES + 200, OTHER_FILES + 200 };

	(void)state;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &rl), 0);
	assert_int_equal(capacity_connections(&s), 100);
	s.worker_connections = 5000;
	if (geteuid() == 0) {
		assert_int_equal(capacity_connections(&s), 5000);
		assert_int_equal(seteuid(65534), 0);
	}
	assert_int_equal(capacity_connections(&s), 200);
	rl.rlim_cur = rl.rlim_max = 64;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &rl), 0);
	assert_int_equal(capacity_connections(&s), 16);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_connections),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
