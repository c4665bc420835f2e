/* src/base/crowd.c: limits by network, of strangers and of all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/crowd.h"

static const struct crowd_limits	limits = {
	.bytes = 1000, .strangers = 400, .network = 200, .customer = 900,
	.person = 800, .connections = 2, .unfinished = 2
};

static struct ip
network(unsigned n)
{
	uint8_t		b[4] = { 10, (uint8_t)(n >> 8), (uint8_t)n, 9 };
	struct ip	ip = ip_of_v4(b);

	return (ip_neighbourhood(&ip));
}

static void
test_connections(void **state)
{
	struct crowd		*c = crowd_new(&limits);
	struct crowd_guest	 g[3];
	struct ip		 one = network(1), two = network(2);

	(void)state;
	memset(g, 0, sizeof(g));
	assert_false(crowd_full(c, &one));
	crowd_join(c, &g[0], &one, true);
	assert_false(crowd_full(c, &one));
	crowd_join(c, &g[1], &one, true);
	assert_true(crowd_full(c, &one));
	assert_false(crowd_full(c, &two));
	/* the request of a proxy's client counts no connection */
	crowd_join(c, &g[2], &two, false);
	crowd_know(c, &g[0], 1, 0);
	assert_false(crowd_full(c, &one));
	crowd_join(c, &g[0], &one, true);	/* known: does nothing */
	assert_false(crowd_full(c, &one));
	crowd_join(c, &g[2], &one, true);
	assert_true(crowd_full(c, &one));
	crowd_leave(c, &g[1]);
	assert_false(crowd_full(c, &one));
	crowd_leave(c, &g[0]);
	crowd_leave(c, &g[2]);
	crowd_free(c);
}

static void
test_unfinished(void **state)
{
	struct crowd		*c = crowd_new(&limits);
	struct crowd_guest	 g[4];
	struct ip		 one = network(1);
	size_t			 i;

	(void)state;
	memset(g, 0, sizeof(g));
	for (i = 0; i < 3; i++)
		crowd_join(c, &g[i], &one, true);
	assert_int_equal(crowd_begin(c, &g[0]), CROWD_OK);
	assert_int_equal(crowd_begin(c, &g[0]), CROWD_OK);
	assert_int_equal(crowd_begin(c, &g[1]), CROWD_OK);
	assert_int_equal(crowd_begin(c, &g[2]), CROWD_HOLDER);
	/* in no network, nothing counts */
	assert_int_equal(crowd_begin(c, &g[3]), CROWD_OK);
	crowd_end(c, &g[0]);
	crowd_end(c, &g[0]);
	assert_int_equal(crowd_begin(c, &g[2]), CROWD_OK);
	assert_int_equal(crowd_begin(c, &g[0]), CROWD_HOLDER);
	crowd_know(c, &g[0], 1, 0);
	assert_int_equal(crowd_begin(c, &g[0]), CROWD_OK);
	for (i = 0; i < 4; i++)
		crowd_leave(c, &g[i]);
	crowd_free(c);
}

static void
test_bytes(void **state)
{
	struct crowd		*c = crowd_new(&limits);
	struct crowd_guest	 g[4];
	struct ip		 ip;
	size_t			 i;

	(void)state;
	memset(g, 0, sizeof(g));
	for (i = 0; i < 3; i++) {
		ip = network((unsigned)i);
		crowd_join(c, &g[i], &ip, true);
	}
	assert_int_equal(crowd_hold(c, &g[0], 201, false), CROWD_HOLDER);
	assert_int_equal(crowd_hold(c, &g[0], 200, false), CROWD_OK);
	assert_int_equal(crowd_hold(c, &g[0], 1, false), CROWD_HOLDER);
	assert_int_equal(crowd_hold(c, &g[1], 200, false), CROWD_OK);
	assert_int_equal(crowd_hold(c, &g[2], 1, false), CROWD_WORKER);
	crowd_know(c, &g[2], 1, 2);
	assert_int_equal(crowd_hold(c, &g[2], 351, true), CROWD_WORKER);
	assert_int_equal(crowd_hold(c, &g[2], 350, true), CROWD_OK);
	assert_int_equal(crowd_hold(c, &g[2], 1, true), CROWD_WORKER);
	assert_int_equal(crowd_hold(c, &g[2], 250, false), CROWD_OK);
	assert_int_equal(crowd_hold(c, &g[2], 1, false), CROWD_WORKER);
	assert_int_equal(crowd_bytes(c), 1000);
	/* who becomes known makes room for strangers */
	crowd_keep(c, &g[2], 10);
	crowd_keep(c, &g[2], 500);
	assert_int_equal(crowd_bytes(c), 410);
	crowd_know(c, &g[0], 1, 0);
	assert_int_equal(crowd_hold(c, &g[3], 200, false), CROWD_OK);
	assert_int_equal(crowd_hold(c, &g[3], 1, false), CROWD_WORKER);
	/* and who is a stranger again takes it */
	crowd_keep(c, &g[3], 0);
	crowd_forget(c, &g[0]);
	assert_int_equal(crowd_hold(c, &g[3], 1, false), CROWD_WORKER);
	assert_int_equal(crowd_hold(c, &g[3], SIZE_MAX, false), CROWD_WORKER);
	for (i = 0; i < 4; i++)
		crowd_leave(c, &g[i]);
	assert_int_equal(crowd_bytes(c), 0);
	crowd_free(c);
}

/* The people of a customer share its bytes, and a person has a part of them. */
static void
test_customers(void **state)
{
	static const struct crowd_limits	 tight = {
		.bytes = 1000, .strangers = 400, .network = 200,
		.customer = 250, .person = 150, .connections = 2
	};
	struct crowd		*c = crowd_new(&tight);
	struct crowd_guest	 g[4];
	size_t			 i;

	(void)state;
	memset(g, 0, sizeof(g));
	crowd_know(c, &g[0], 7, 1);
	crowd_know(c, &g[1], 7, 1);
	crowd_know(c, &g[2], 7, 2);
	crowd_know(c, &g[3], 8, 1);	/* not the same person */
	assert_int_equal(crowd_hold(c, &g[0], 100, false), CROWD_OK);
	assert_int_equal(crowd_hold(c, &g[1], 51, false), CROWD_HOLDER);
	assert_int_equal(crowd_hold(c, &g[1], 50, false), CROWD_OK);
	assert_int_equal(crowd_hold(c, &g[2], 101, false), CROWD_HOLDER);
	assert_int_equal(crowd_hold(c, &g[2], 100, false), CROWD_OK);
	assert_int_equal(crowd_hold(c, &g[3], 150, false), CROWD_OK);
	/* the next request is somebody else's */
	crowd_know(c, &g[0], 8, 2);
	assert_int_equal(crowd_hold(c, &g[1], 100, false), CROWD_OK);
	assert_int_equal(crowd_hold(c, &g[3], 1, false), CROWD_HOLDER);
	for (i = 0; i < 4; i++)
		crowd_leave(c, &g[i]);
	assert_int_equal(crowd_bytes(c), 0);
	crowd_free(c);
}

/* Who has the most connections: the person, then the customer. */
static void
test_more(void **state)
{
	struct crowd		*c = crowd_new(&limits);
	struct crowd_guest	 g[5];
	struct ip		 one = network(1);
	unsigned		 i;

	(void)state;
	memset(g, 0, sizeof(g));
	for (i = 0; i < 5; i++)
		crowd_join(c, &g[i], &one, true);
	crowd_know(c, &g[0], 1, 1);
	crowd_know(c, &g[1], 1, 2);
	crowd_know(c, &g[2], 2, 3);
	assert_true(crowd_more(&g[0], &g[2]));
	assert_false(crowd_more(&g[2], &g[0]));
	assert_false(crowd_more(&g[0], &g[1]));
	crowd_know(c, &g[3], 2, 3);
	assert_true(crowd_more(&g[2], &g[0]));
	assert_int_equal(crowd_connections(&g[2]), 2);
	/* a stranger again: it counts in its network */
	crowd_forget(c, &g[3]);
	assert_false(crowd_full(c, &one));
	crowd_join(c, &g[3], &one, true);
	assert_true(crowd_full(c, &one));
	assert_false(crowd_more(&g[2], &g[0]));
	for (i = 0; i < 5; i++)
		crowd_leave(c, &g[i]);
	crowd_free(c);
}

/* 3,000 networks, more than the table has buckets; LeakSanitizer sees what
 * stays. */
static void
test_many(void **state)
{
	static struct crowd_guest	 g[3000];
	struct crowd			*c = crowd_new(&limits);
	struct ip			 ip;
	unsigned			 i;

	(void)state;
	for (i = 0; i < 3000; i++) {
		ip = network(i);
		crowd_join(c, &g[i], &ip, true);
		ip = network((i + 1) % 3000);
		crowd_join(c, &g[i], &ip, true);
	}
	for (i = 0; i < 3000; i++) {
		ip = network(i);
		assert_false(crowd_full(c, &ip));
		crowd_leave(c, &g[(i * 7) % 3000]);
	}
	crowd_free(c);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_connections),
		cmocka_unit_test(test_unfinished),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_customers),
		cmocka_unit_test(test_more),
		cmocka_unit_test(test_many),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
