/* The fair queue: turns, bounds, slots, removal; and random use against a
 * plain model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fair.h"

#define MANY	20000

static struct fair_item
item(uint64_t customer, uint64_t person)
{
	return ((struct fair_item) { .key = { FAIR_CUSTOMER, customer,
	    person } });
}

static struct fair *
queue(size_t total, size_t customer, unsigned slots, unsigned customer_slots)
{
	struct fair_limits	l = { .total = total, .customer = customer,
				    .slots = slots };

	l.kind_slots = l.customer_slots = customer_slots;
	return (fair_new(&l));
}

/* Serves and ends the next item. */
static struct fair_item *
serve(struct fair *f)
{
	struct fair_item	*i = fair_take(f, NULL, NULL);

	if (i != NULL)
		fair_end(f, i);
	return (i);
}

/* A hundred of one customer wait; another's single one is second. */
static void
test_customers(void **state)
{
	struct fair		*f = queue(0, 0, 0, 0);
	struct fair_item	 crowd[100], one = item(2, 1);
	int			 i;

	(void)state;
	for (i = 0; i < 100; i++) {
		crowd[i] = item(1, 1);
		assert_null(fair_add(f, &crowd[i]));
	}
	assert_null(fair_add(f, &one));
	assert_int_equal(fair_waiting(f), 101);
	assert_int_equal(fair_share(&crowd[3]), 100);
	assert_ptr_equal(serve(f), &crowd[0]);
	assert_ptr_equal(serve(f), &one);
	for (i = 1; i < 100; i++)
		assert_ptr_equal(serve(f), &crowd[i]);
	assert_null(serve(f));
	assert_int_equal(fair_waiting(f), 0);
}

/* What is wanted soon goes before the same person's other items, in the order
 * of arrival, and before nobody else's. */
static void
test_soon(void **state)
{
	struct fair		*f = queue(0, 0, 0, 0);
	struct fair_item	 a[4], b = item(1, 2), c = item(2, 1);
	int			 i;

	(void)state;
	for (i = 0; i < 4; i++) {
		a[i] = item(1, 1);
		a[i].soon = i >= 2;
	}
	(void)fair_add(f, &a[0]);
	(void)fair_add(f, &b);
	(void)fair_add(f, &c);
	for (i = 1; i < 4; i++)
		(void)fair_add(f, &a[i]);
	assert_ptr_equal(serve(f), &a[2]);
	assert_ptr_equal(serve(f), &c);
	assert_ptr_equal(serve(f), &b);
	assert_ptr_equal(serve(f), &a[3]);
	assert_ptr_equal(serve(f), &a[0]);
	assert_ptr_equal(serve(f), &a[1]);
	assert_null(serve(f));
}

/* Within a customer each person has a turn, whoever waits with how many. */
static void
test_persons(void **state)
{
	struct fair		*f = queue(0, 0, 0, 0);
	struct fair_item	 a[3], b = item(1, 2), c = item(2, 1);
	size_t			 mine;
	int			 i;

	(void)state;
	for (i = 0; i < 3; i++) {
		a[i] = item(1, 1);
		(void)fair_add(f, &a[i]);
	}
	(void)fair_add(f, &b);
	(void)fair_add(f, &c);
	assert_int_equal(fair_waiting_of(f, &b.key, &mine), 4);
	assert_int_equal(mine, 1);
	assert_int_equal(fair_waiting_of(f, &(struct fair_key) {
	    FAIR_CUSTOMER, 3, 1 }, &mine), 0);
	assert_int_equal(mine, 0);
	assert_ptr_equal(serve(f), &a[0]);
	assert_ptr_equal(serve(f), &c);
	assert_ptr_equal(serve(f), &b);
	assert_ptr_equal(serve(f), &a[1]);
	assert_ptr_equal(serve(f), &a[2]);
}

static struct fair_item
stranger(const char *address)
{
	struct ip	ip;

	assert_true(ip_parse(address, strlen(address), &ip));
	return ((struct fair_item){ .key = fair_stranger(&ip) });
}

/* Strangers count by /24 and /64; however many networks they have, people who
 * are signed in have every second turn. */
static void
test_strangers(void **state)
{
	struct fair		*f = queue(0, 0, 0, 0);
	struct fair_item	 s[5], c[3];
	int			 i;

	(void)state;
	s[0] = stranger("192.0.2.1");
	s[1] = stranger("192.0.2.250");
	s[2] = stranger("198.51.100.1");
	s[3] = stranger("2001:db8:0:1::1");
	s[4] = stranger("2001:db8:0:1:ffff::2");
	assert_memory_equal(&s[0].key, &s[1].key, sizeof(s[0].key));
	assert_memory_equal(&s[3].key, &s[4].key, sizeof(s[3].key));
	assert_memory_not_equal(&s[1].key, &s[2].key, sizeof(s[1].key));
	assert_memory_not_equal(&s[2].key, &s[3].key, sizeof(s[2].key));
	for (i = 0; i < 5; i++)
		(void)fair_add(f, &s[i]);
	for (i = 0; i < 3; i++) {
		c[i] = item(1, 1);
		(void)fair_add(f, &c[i]);
	}
	assert_ptr_equal(serve(f), &s[0]);
	assert_ptr_equal(serve(f), &c[0]);
	assert_ptr_equal(serve(f), &s[2]);
	assert_ptr_equal(serve(f), &c[1]);
	assert_ptr_equal(serve(f), &s[3]);
	assert_ptr_equal(serve(f), &c[2]);
	assert_ptr_equal(serve(f), &s[1]);
	assert_ptr_equal(serve(f), &s[4]);
}

/* A customer's full queue refuses its own next item, and a person with many
 * gives way to a colleague with few; no other customer notices. */
static void
test_bound_of_customer(void **state)
{
	struct fair		*f = queue(0, 4, 0, 0);
	struct fair_item	 a[5], b = item(1, 2), c = item(2, 1);
	int			 i;

	(void)state;
	for (i = 0; i < 4; i++) {
		a[i] = item(1, 1);
		assert_null(fair_add(f, &a[i]));
	}
	a[4] = item(1, 1);
	assert_ptr_equal(fair_add(f, &a[4]), &a[4]);
	assert_null(a[4].group);
	assert_ptr_equal(fair_add(f, &b), &a[3]);
	assert_null(fair_add(f, &c));
	assert_int_equal(fair_waiting(f), 5);
}

/* When all is full, the customer that waits with the most gives way. */
static void
test_bound_of_all(void **state)
{
	struct fair		*f = queue(6, 5, 0, 0);
	struct fair_item	 a[5], b[3], c = item(3, 1), d = item(3, 2);
	int			 i;

	(void)state;
	for (i = 0; i < 5; i++) {
		a[i] = item(1, 1);
		assert_null(fair_add(f, &a[i]));
	}
	for (i = 0; i < 3; i++)
		b[i] = item(2, 1);
	assert_null(fair_add(f, &b[0]));
	assert_ptr_equal(fair_add(f, &b[1]), &a[4]);
	assert_ptr_equal(fair_add(f, &b[2]), &a[3]);
	/* three each: the next of either is refused */
	assert_ptr_equal(fair_add(f, &a[3]), &a[3]);
	assert_ptr_equal(fair_add(f, &c), &a[2]);
	assert_ptr_equal(fair_add(f, &d), &b[2]);
	assert_int_equal(fair_waiting(f), 6);
}

/* Of three slots one customer holds two; ending one lets its next one in. */
static void
test_slots(void **state)
{
	struct fair		*f = queue(0, 0, 3, 2);
	struct fair_item	 a[4], b[2];
	int			 i;

	(void)state;
	for (i = 0; i < 4; i++) {
		a[i] = item(1, 1);
		(void)fair_add(f, &a[i]);
	}
	assert_ptr_equal(fair_take(f, NULL, NULL), &a[0]);
	assert_ptr_equal(fair_take(f, NULL, NULL), &a[1]);
	assert_null(fair_take(f, NULL, NULL));
	for (i = 0; i < 2; i++) {
		b[i] = item(2, 1);
		(void)fair_add(f, &b[i]);
	}
	assert_ptr_equal(fair_take(f, NULL, NULL), &b[0]);
	assert_null(fair_take(f, NULL, NULL));
	fair_end(f, &b[0]);
	assert_ptr_equal(fair_take(f, NULL, NULL), &b[1]);
	fair_end(f, &a[1]);
	assert_ptr_equal(fair_take(f, NULL, NULL), &a[2]);
}

/* Strangers of any number of networks never hold every slot. */
static void
test_slots_of_strangers(void **state)
{
	struct fair		*f = queue(0, 0, 3, 2);
	struct fair_item	 s[3], c = item(1, 1);

	(void)state;
	s[0] = stranger("192.0.2.1");
	s[1] = stranger("198.51.100.1");
	s[2] = stranger("203.0.113.1");
	assert_true(fair_hold(f, &s[0]));
	assert_true(fair_hold(f, &s[1]));
	assert_false(fair_hold(f, &s[2]));
	assert_null(s[2].group);
	assert_true(fair_hold(f, &c));
	fair_end(f, &c);
	fair_end(f, &s[0]);
	assert_true(fair_hold(f, &s[2]));
}

/* Look-ups of sessions wait apart from strangers, and by token within a
 * network. */
static void
test_sessions(void **state)
{
	struct fair		*f = queue(0, 0, 0, 2);
	struct fair_item	 s[3], l[3], c = item(1, 1);
	int			 i;

	(void)state;
	for (i = 0; i < 3; i++) {
		s[i] = stranger("192.0.2.1");
		l[i] = s[i];
		l[i].key = fair_session(&s[i].key, i < 2 ? "one" : "two");
		(void)fair_add(f, &s[i]);
	}
	for (i = 0; i < 3; i++)
		(void)fair_add(f, &l[i]);
	assert_ptr_equal(fair_take(f, NULL, NULL), &s[0]);
	assert_ptr_equal(fair_take(f, NULL, NULL), &l[0]);
	assert_ptr_equal(fair_take(f, NULL, NULL), &s[1]);
	assert_ptr_equal(fair_take(f, NULL, NULL), &l[2]);
	/* each has what it may */
	assert_null(fair_take(f, NULL, NULL));
	assert_true(fair_hold(f, &c));
	fair_end(f, &l[0]);
	assert_ptr_equal(fair_take(f, NULL, NULL), &l[1]);
}

static bool
not_first(void *arg, const struct fair_key *k)
{
	(*(int *)arg)++;
	return (k->customer != 1);
}

/* may() passes a customer over; its turn comes again. */
static void
test_may(void **state)
{
	struct fair		*f = queue(0, 0, 0, 0);
	struct fair_item	 a = item(1, 1), b = item(2, 1);
	int			 asked = 0;

	(void)state;
	(void)fair_add(f, &a);
	(void)fair_add(f, &b);
	assert_ptr_equal(fair_take(f, not_first, &asked), &b);
	assert_int_equal(asked, 2);
	assert_null(fair_take(f, not_first, &asked));
	assert_ptr_equal(fair_take(f, NULL, NULL), &a);
}

/* What expires is the oldest of all; removal leaves the turns as they were. */
static void
test_removal(void **state)
{
	struct fair		*f = queue(0, 0, 0, 0);
	struct fair_item	 a[3], b = item(2, 1);
	int			 i;

	(void)state;
	assert_null(fair_oldest(f));
	for (i = 0; i < 3; i++) {
		a[i] = item(1, 1);
		(void)fair_add(f, &a[i]);
	}
	(void)fair_add(f, &b);
	assert_ptr_equal(fair_oldest(f), &a[0]);
	fair_remove(f, &a[0]);
	assert_ptr_equal(fair_oldest(f), &a[1]);
	fair_remove(f, &a[2]);
	assert_ptr_equal(serve(f), &a[1]);
	assert_ptr_equal(fair_oldest(f), &b);
	assert_ptr_equal(serve(f), &b);
	assert_null(fair_oldest(f));
}

/* Twenty thousand customers wait at once, and each is served once. */
static void
test_many(void **state)
{
	struct fair		*f = queue(0, 4, 0, 0);
	struct fair_item	*items = calloc(MANY, sizeof(*items));
	int			 i;

	(void)state;
	for (i = 0; i < MANY; i++) {
		items[i] = item((uint64_t)i, 1);
		assert_null(fair_add(f, &items[i]));
	}
	for (i = 0; i < MANY; i++)
		assert_ptr_equal(serve(f), &items[i]);
	free(items);
}

/* Counts of the model. */
struct model {
	struct fair_item	 items[200];
	enum { OUT, WAITS, RUNS } states[200];
	size_t			 waiting[8], running[8], waits, runs;
};

static void
model_set(struct model *m, struct fair_item *i, int to)
{
	size_t	n = (size_t)(i - m->items), c = i->key.customer;

	m->waiting[c] -= m->states[n] == WAITS;
	m->waits -= m->states[n] == WAITS;
	m->running[c] -= m->states[n] == RUNS;
	m->runs -= m->states[n] == RUNS;
	m->states[n] = to;
	m->waiting[c] += to == WAITS;
	m->waits += to == WAITS;
	m->running[c] += to == RUNS;
	m->runs += to == RUNS;
}

static void
model_step(struct model *m, struct fair *f)
{
	size_t			 n = (size_t)rand() % 200, c;
	struct fair_item	*i = &m->items[n], *out;
	bool			 possible = false;

	switch (m->states[n]) {
	case OUT:
		*i = item((uint64_t)rand() % 8, (uint64_t)rand() % 3);
		model_set(m, i, WAITS);
		if ((out = fair_add(f, i)) != NULL)
			model_set(m, out, OUT);
		break;
	case WAITS:
		if (rand() % 4 == 0) {
			fair_remove(f, i);
			model_set(m, i, OUT);
		}
		break;
	default:
		fair_end(f, i);
		model_set(m, i, OUT);
	}
	for (c = 0; c < 8; c++)
		possible = possible || (m->waiting[c] > 0 && m->runs < 6 &&
		    m->running[c] < 3);
	if (rand() % 2 == 0)
		return;
	out = fair_take(f, NULL, NULL);
	assert_int_equal(out != NULL, possible);
	if (out != NULL)
		model_set(m, out, RUNS);
}

static void
test_random(void **state)
{
	struct model	*m = calloc(1, sizeof(*m));
	struct fair	*f = queue(60, 20, 6, 3);
	size_t		 c;
	int		 step;

	(void)state;
	srand(12);
	for (step = 0; step < 200000; step++) {
		model_step(m, f);
		assert_int_equal(fair_waiting(f), m->waits);
		assert_true(m->waits <= 60 && m->runs <= 6);
		for (c = 0; c < 8; c++)
			assert_true(m->waiting[c] <= 20 && m->running[c] <= 3);
	}
	free(m);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_customers),
		cmocka_unit_test(test_persons),
		cmocka_unit_test(test_soon),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_bound_of_customer),
		cmocka_unit_test(test_bound_of_all),
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_slots_of_strangers),
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_may),
		cmocka_unit_test(test_removal),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_random),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
