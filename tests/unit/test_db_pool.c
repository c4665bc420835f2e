/*
 * The asynchronous pool against a real PostgreSQL, whose conninfo is in
 * TEST_DATABASE. The catalogue is replaced by statements made for the test;
 * the schema is not needed. One pool a process: the cases share it, so each
 * also proves that the one before left it fit for use.
 */
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/heavy.h"
#include "base/loop_poll.h"
#include "db/db.h"

#include "log_capture.h"

#define CONNECTIONS	4
#define QUEUE		512

enum {
	ECHO, SCOPE, SLEEP, DIVIDE, REFUSE, STUBBORN, HELD, GRAB, LET_GO,
	OTHERS, OPEN, ACTIVE, TERMINATE, COUNT
};
static_assert((int)COUNT <= (int)SQL_COUNT, "fewer statements than files");

#define OTHER_BACKENDS						\
	" from pg_stat_activity "				\
	"where datname = current_database() "			\
	"and application_name = 'smartrecord' "			\
	"and pid <> pg_backend_pid()"

static const struct {
	const char	*name;
	const char	*text;
} statements[] = {
	[ECHO] = { "test/echo", "select $1::text, $2::text" },
	[SCOPE] = { "test/scope", "select concat_ws('|', "
	    "current_setting('app.tenant'), "
	    "current_setting('app.account'), "
	    "current_setting('app.team'), current_setting('app.person'), "
	    "current_setting('app.session'))" },
	[SLEEP] = { "test/sleep", "select pg_sleep($1::float8)" },
	[DIVIDE] = { "test/divide", "select 1 / $1::int" },
	[REFUSE] = { "test/refuse", "do $$begin raise exception using "
	    "errcode = 'SR404', message = 'Il n''est plus là.', "
	    "column = 'id'; end$$" },
	/* runs on after the server's statement timeout */
	[STUBBORN] = { "test/stubborn", "do $$begin perform pg_sleep(9); "
	    "exception when query_canceled then perform pg_sleep(9); end$$" },
	/* waits while the direct connection holds the lock */
	[HELD] = { "test/held",
	    "select count(pg_advisory_xact_lock_shared(7))" },
	[GRAB] = { "test/grab", "select count(pg_advisory_lock(7))" },
	[LET_GO] = { "test/let_go", "select count(pg_advisory_unlock(7))" },
	[OTHERS] = { "test/others", "select count(*)" OTHER_BACKENDS },
	[OPEN] = { "test/open", "select count(*)" OTHER_BACKENDS
	    " and state like 'idle in transaction%'" },
	[ACTIVE] = { "test/active", "select count(*)" OTHER_BACKENDS
	    " and state = 'active'" },
	[TERMINATE] = { "test/terminate",
	    "select count(pg_terminate_backend(pid))" OTHER_BACKENDS },
};

/* These functions replace db/catalogue.c. */
const char *
sql_name(enum sql sql)
{
	return (statements[sql].name);
}

void
sql_check(enum sql sql, int n)
{
	(void)sql;
	(void)n;
}

void
sql_check_all(void)
{
}

const char *
sql_text(enum sql sql)
{
	return (statements[sql].text);
}

/* The result of one query. */
struct answer {
	int		 calls;
	enum result	 outcome;
	char		 text[128];	/* row 0, column 0, or the message */
	struct db_rows	*kept;
};

static struct db	*direct;	/* a connection outside the pool */

static void
note(void *owner, enum result outcome, struct db_rows *rows)
{
	struct answer	*a = owner;
	const char	*text;

	a->calls++;
	a->outcome = outcome;
	text = outcome == OK ? db_value(rows, 0, 0) : db_message(rows);
	snprintf(a->text, sizeof(a->text), "%s", text == NULL ? "" : text);
}

static void
note_and_keep(void *owner, enum result outcome, struct db_rows *rows)
{
	struct answer	*a = owner;

	a->calls++;
	a->outcome = outcome;
	a->kept = db_keep(rows);
}

static struct db_ask *
send(int statement, const char *param, struct answer *a)
{
	memset(a, 0, sizeof(*a));
	return (db_send((enum sql)statement, NULL, &param, param != NULL,
	    note, a));
}

/* Runs the loop until all n queries are answered; fails after ms. */
static void
wait_for(struct answer *answers, int n, int64_t ms)
{
	int64_t	end = clock_mono_ms() + ms;
	int	i;

	for (i = 0; i < n;) {
		if (answers[i].calls > 0) {
			i++;
			continue;
		}
		assert_true(clock_mono_ms() < end);
		loop_poll_run_once(20);
	}
}

static int
ask_direct(int statement)
{
	struct db_rows	*rows;
	int		 n;

	assert_int_equal(db_run(direct, (enum sql)statement, NULL, NULL, 0,
	    &rows), OK);
	n = atoi(db_value(rows, 0, 0));
	db_rows_free(rows);
	return (n);
}

/* Runs the loop until the statement returns count. */
static void
wait_until(int statement, int count)
{
	int64_t	end = clock_mono_ms() + 5000;

	while (ask_direct(statement) != count) {
		assert_true(clock_mono_ms() < end);
		loop_poll_run_once(20);
	}
}

/* Waits until the pool has all its connections again. */
static void
wait_for_connections(void)
{
	int64_t	end = clock_mono_ms() + 5000;

	wait_until(OTHERS, CONNECTIONS);
	for (; !db_up(); loop_poll_run_once(20))
		assert_true(clock_mono_ms() < end);
}

/* Keeps a query in flight on each connection until LET_GO. */
static void
hold(struct db_ask *asks[CONNECTIONS], struct answer held[CONNECTIONS])
{
	int	i;

	ask_direct(GRAB);
	for (i = 0; i < CONNECTIONS; i++)
		asks[i] = send(HELD, NULL, &held[i]);
	wait_until(ACTIVE, CONNECTIONS);
}

static void
answers_with_any_parameter(void **state)
{
	struct answer	 a = { 0 };
	const char	*params[2] = { "l'été \"$1\" \\ ; -- %s\n", NULL };
	char		*big;

	(void)state;
	assert_non_null(db_send((enum sql)ECHO, NULL, params, 2,
	    note_and_keep, &a));
	wait_for(&a, 1, 2000);
	assert_int_equal(a.outcome, OK);
	assert_int_equal(db_count(a.kept), 1);
	assert_string_equal(db_value(a.kept, 0, 0), params[0]);
	assert_null(db_value(a.kept, 0, 1));
	assert_null(db_value(a.kept, 1, 0));
	db_rows_free(a.kept);

	big = malloc(1000001);
	assert_non_null(big);
	memset(big, 'x', 1000000);
	big[1000000] = '\0';
	params[1] = big;
	a.calls = 0;
	db_send((enum sql)ECHO, NULL, params, 2, note_and_keep, &a);
	wait_for(&a, 1, 2000);
	assert_int_equal(db_length(a.kept, 0, 1), 1000000);
	assert_string_equal(db_value(a.kept, 0, 1), big);
	db_rows_free(a.kept);
	free(big);
}

static void
sets_the_scope_of_each_query(void **state)
{
	const struct db_scope	 scope = { "7", "12", "{1,2}", "o'neil", "9",
				    0, fair_known("9"), false };
	struct answer		 a[2 * CONNECTIONS] = { 0 };
	int			 i;

	(void)state;
	for (i = 0; i < 2 * CONNECTIONS; i++)
		db_send((enum sql)SCOPE, i < CONNECTIONS ? &scope : NULL,
		    NULL, 0, note, &a[i]);
	wait_for(a, 2 * CONNECTIONS, 2000);
	for (i = 0; i < 2 * CONNECTIONS; i++)
		assert_string_equal(a[i].text,
		    i < CONNECTIONS ? "7|12|{1,2}|o'neil|9" : "||||");
}

static void
goes_on_after_an_error(void **state)
{
	struct answer	bad, good;
	int		i;

	(void)state;
	for (i = 0; i < 3 * CONNECTIONS; i++) {
		send(DIVIDE, "0", &bad);
		send(DIVIDE, "1", &good);
		wait_for(&bad, 1, 2000);
		wait_for(&good, 1, 2000);
		assert_int_equal(bad.outcome, FAILED);
		assert_string_equal(bad.text, "");
		assert_int_equal(good.outcome, OK);
		assert_string_equal(good.text, "1");
	}
	send(DIVIDE, "'", &bad);
	wait_for(&bad, 1, 2000);
	assert_int_equal(bad.outcome, FAILED);
	wait_until(OPEN, 0);
	assert_int_equal(ask_direct(OTHERS), CONNECTIONS);
}

/* Sends values that PostgreSQL's error messages repeat. */
static void
send_wrong_values(void)
{
	const char	*word = "mirabelle", *number = "33698765432";
	struct db_rows	*rows;
	struct answer	 a;

	send(DIVIDE, word, &a);
	wait_for(&a, 1, 2000);
	assert_int_equal(a.outcome, FAILED);
	assert_string_equal(a.text, "");
	assert_int_equal(db_run(direct, (enum sql)DIVIDE, NULL, &number, 1,
	    &rows), FAILED);
	assert_null(db_message(rows));
	db_rows_free(rows);
}

static void
logs_an_error_without_its_value(void **state)
{
	char	log[1000];

	(void)state;
	log_capture(send_wrong_values, log, sizeof(log));
	log_undate(log);
	assert_string_equal(log,
	    "error event=sql_error query=test/divide sqlstate=22P02\n"
	    "error event=sql_error query=test/divide sqlstate=22003\n");
}

static void
passes_on_our_own_refusals(void **state)
{
	struct answer	a = { 0 };

	(void)state;
	db_send((enum sql)REFUSE, NULL, NULL, 0, note_and_keep, &a);
	wait_for(&a, 1, 2000);
	assert_int_equal(a.outcome, NOT_FOUND);
	assert_string_equal(db_message(a.kept), "Il n'est plus là.");
	assert_string_equal(db_field(a.kept), "id");
	db_rows_free(a.kept);
}

static void
drops_abandoned_queries(void **state)
{
	struct answer	 flying[CONNECTIONS], waiting[3], last;
	struct db_ask	*asks[CONNECTIONS + 3];
	int		 i;

	(void)state;
	hold(asks, flying);
	for (i = 0; i < 3; i++)
		asks[CONNECTIONS + i] = send(DIVIDE, "1", &waiting[i]);
	for (i = 0; i < CONNECTIONS + 3; i++)
		db_abandon(asks[i]);
	send(DIVIDE, "1", &last);
	ask_direct(LET_GO);
	wait_for(&last, 1, 2000);
	wait_until(ACTIVE, 0);
	assert_int_equal(last.outcome, OK);
	for (i = 0; i < CONNECTIONS; i++)
		assert_int_equal(flying[i].calls, 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(waiting[i].calls, 0);
}

static void
refuses_when_the_queue_is_full(void **state)
{
	static struct answer	a[CONNECTIONS + QUEUE];
	struct db_ask		*asks[CONNECTIONS];
	struct answer		over;
	int			i;

	(void)state;
	hold(asks, a);
	for (i = CONNECTIONS; i < CONNECTIONS + QUEUE; i++)
		assert_non_null(send(DIVIDE, "1", &a[i]));
	assert_null(send(DIVIDE, "1", &over));
	assert_int_equal(over.calls, 1);
	assert_int_equal(over.outcome, BUSY);
	ask_direct(LET_GO);
	wait_for(a, CONNECTIONS + QUEUE, 3000);
	for (i = 0; i < CONNECTIONS + QUEUE; i++)
		assert_int_equal(a[i].outcome, OK);
}

static struct db_ask *
send_of(int statement, const char *customer, bool heavy, struct answer *a)
{
	struct db_scope	 scope = { .key = fair_customer(customer, "1") };
	const char	*one = "1";

	scope.heavy = heavy;
	memset(a, 0, sizeof(*a));
	return (db_send((enum sql)statement, &scope, &one, statement == DIVIDE,
	    note, a));
}

/* A person has a quarter of the connections; only its further ones wait. */
static void
leaves_connections_to_other_customers(void **state)
{
	static struct answer	 mine[CONNECTIONS / 4 + 128], over, theirs;
	struct db_ask		*asks[CONNECTIONS / 4 + 128];
	int			 i;

	(void)state;
	ask_direct(GRAB);
	for (i = 0; i < CONNECTIONS / 4 + 128; i++)
		assert_non_null(asks[i] = send_of(HELD, "1", false, &mine[i]));
	assert_null(send_of(HELD, "1", false, &over));
	assert_int_equal(over.outcome, CROWDED);
	assert_non_null(send_of(DIVIDE, "2", false, &theirs));
	wait_for(&theirs, 1, 1900);
	assert_int_equal(theirs.outcome, OK);
	assert_int_equal(ask_direct(ACTIVE), CONNECTIONS / 4);
	for (i = CONNECTIONS / 4; i < CONNECTIONS / 4 + 128; i++)
		db_abandon(asks[i]);
	ask_direct(LET_GO);
	wait_for(mine, CONNECTIONS / 4, 2000);
	assert_int_equal(mine[0].outcome, OK);
}

/* Heavy queries of all customers run two at once here, of one customer one. */
static void
runs_heavy_queries_in_turn(void **state)
{
	struct answer	 mine[3], theirs[2], light;
	struct db_ask	*waits;

	(void)state;
	ask_direct(GRAB);
	send_of(HELD, "1", true, &mine[0]);
	send_of(HELD, "1", true, &mine[1]);
	waits = send_of(HELD, "1", true, &mine[2]);
	wait_until(ACTIVE, 1);
	send_of(HELD, "2", true, &theirs[0]);
	wait_until(ACTIVE, 2);
	send_of(HELD, "2", true, &theirs[1]);
	db_abandon(waits);
	send_of(DIVIDE, "3", false, &light);
	wait_for(&light, 1, 1900);
	assert_int_equal(ask_direct(ACTIVE), 2);
	ask_direct(LET_GO);
	wait_for(theirs, 2, 2000);
	assert_int_equal(mine[2].calls, 0);
}

static void
limits_waiting_and_running_time(void **state)
{
	const struct db_scope	scope = { .limit_ms = 50 };
	const char		*param = "9";
	struct answer		slow[CONNECTIONS], waiting, next = { 0 };
	int64_t			start = clock_mono_ms();
	int			i;

	(void)state;
	for (i = 0; i < CONNECTIONS; i++)
		send(SLEEP, "9", &slow[i]);
	send(DIVIDE, "1", &waiting);
	wait_for(&waiting, 1, 2900);
	assert_int_equal(waiting.outcome, UNAVAILABLE);
	assert_in_range(clock_mono_ms() - start, 1950, 2950);
	wait_for(slow, CONNECTIONS, 5000);
	assert_in_range(clock_mono_ms() - start, 2950, 4900);
	for (i = 0; i < CONNECTIONS; i++)
		assert_int_equal(slow[i].outcome, UNAVAILABLE);
	/* the limit of one query is its own and is told apart */
	db_send((enum sql)SLEEP, &scope, &param, 1, note, &next);
	wait_for(&next, 1, 2000);
	assert_int_equal(next.outcome, TOO_SLOW);
	send(SLEEP, "0.2", &next);
	wait_for(&next, 1, 1000);
	assert_int_equal(next.outcome, OK);
	assert_int_equal(ask_direct(OTHERS), CONNECTIONS);
}

static void
drops_a_connection_that_does_not_answer(void **state)
{
	struct answer	stuck, others;
	int64_t		start = clock_mono_ms();

	(void)state;
	send(STUBBORN, NULL, &stuck);
	send(DIVIDE, "1", &others);
	wait_for(&others, 1, 1000);
	assert_int_equal(others.outcome, OK);
	wait_for(&stuck, 1, 9000);
	assert_int_equal(stuck.outcome, UNAVAILABLE);
	assert_in_range(clock_mono_ms() - start, 4950, 8000);
	ask_direct(TERMINATE);		/* the stubborn statement still runs */
	wait_for_connections();
}

static void
loses_only_what_is_in_flight(void **state)
{
	struct answer	flying[CONNECTIONS], waiting[20];
	struct db_ask	*asks[CONNECTIONS];
	int		i;

	(void)state;
	hold(asks, flying);
	for (i = 0; i < 20; i++)
		send(DIVIDE, "1", &waiting[i]);
	assert_int_equal(ask_direct(TERMINATE), CONNECTIONS);
	ask_direct(LET_GO);
	wait_for(flying, CONNECTIONS, 1000);
	wait_for(waiting, 20, 1000);
	for (i = 0; i < CONNECTIONS; i++) {
		assert_int_equal(flying[i].calls, 1);
		assert_int_equal(flying[i].outcome, UNAVAILABLE);
	}
	for (i = 0; i < 20; i++) {
		assert_int_equal(waiting[i].calls, 1);
		assert_int_equal(waiting[i].outcome, OK);
	}
	wait_for_connections();
}

/* Each answer sends another query, so that the pool always has some. */
struct load {
	int	left, ok, lost, other;
};

static void
load_answer(void *owner, enum result outcome, struct db_rows *rows)
{
	static const char *const	one[] = { "1" };
	struct load			*l = owner;

	(void)rows;
	l->ok += outcome == OK;
	l->lost += outcome == UNAVAILABLE;
	l->other += outcome != OK && outcome != UNAVAILABLE;
	if (l->left-- > 0)
		db_send((enum sql)DIVIDE, NULL, one, 1, load_answer, l);
}

static void
recovers_under_load(void **state)
{
	static const char *const	one[] = { "1" };
	struct load			l = { .left = 20000 };
	int64_t				end = clock_mono_ms() + 60000;
	int				i, kills = 0;

	(void)state;
	for (i = 0; i < 32; i++)
		db_send((enum sql)DIVIDE, NULL, one, 1, load_answer, &l);
	while (l.ok + l.lost + l.other < 20000 + 32) {
		assert_true(clock_mono_ms() < end);
		loop_poll_run_once(20);
		if (kills < 3 && l.ok > 5000 * (kills + 1)) {
			ask_direct(TERMINATE);
			kills++;
		}
	}
	assert_int_equal(kills, 3);
	assert_int_equal(l.ok + l.lost, 20000 + 32);
	assert_in_range(l.lost, 0, kills * CONNECTIONS);
	assert_int_equal(l.other, 0);
	wait_for_connections();
	assert_int_equal(ask_direct(OPEN), 0);
}

static int
start(void **state)
{
	struct db_options	 options = { .connections = CONNECTIONS,
				    .prepared = true, .timeout_ms = 3000 };
	const char		*conninfo = getenv("TEST_DATABASE");
	char			*why = NULL;

	(void)state;
	if (conninfo == NULL) {
		print_error("TEST_DATABASE names no database\n");
		return (-1);
	}
	if ((direct = db_connect(conninfo, &why)) == NULL) {
		print_error("%s\n", why);
		return (-1);
	}
	options.conninfo = conninfo;
	heavy_prepare(2, 1);
	heavy_start(loop_poll(), 0, 2, 1);
	db_start(loop_poll(), &options);
	return (0);
}

static int
stop(void **state)
{
	(void)state;
	db_close(direct);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(answers_with_any_parameter),
		cmocka_unit_test(sets_the_scope_of_each_query),
		cmocka_unit_test(goes_on_after_an_error),
		cmocka_unit_test(logs_an_error_without_its_value),
		cmocka_unit_test(passes_on_our_own_refusals),
		cmocka_unit_test(drops_abandoned_queries),
		cmocka_unit_test(refuses_when_the_queue_is_full),
		cmocka_unit_test(leaves_connections_to_other_customers),
		cmocka_unit_test(runs_heavy_queries_in_turn),
		cmocka_unit_test(limits_waiting_and_running_time),
		cmocka_unit_test(drops_a_connection_that_does_not_answer),
		cmocka_unit_test(loses_only_what_is_in_flight),
		cmocka_unit_test(recovers_under_load),
	};

	return (cmocka_run_group_tests(tests, start, stop));
}
