/*
 * Which row matches a method and a path: surfaces, captures, slashes, methods.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/route_match.h"

static const struct route	table[] = {
	{ .method = GET, .surfaces = ROOT, .path = "/" },
	{ .method = GET, .surfaces = ROOT, .path = "/assets/{version}/{file}" },
	{ .method = GET, .surfaces = CONSOLE, .path = "" },
	{ .method = GET, .surfaces = EVERY, .path = "/calls" },
	{ .method = POST, .surfaces = API, .path = "/calls" },
	{ .method = GET, .surfaces = EVERY, .path = "/calls/{id}" },
	{ .method = GET, .surfaces = EVERY, .path = "/calls/{id}/audio.mp3" },
	{ .method = DELETE, .surfaces = API, .path = "/calls/{id}" },
	{ .method = POST, .surfaces = PAGES, .path = "/session/end" },
	{ .path = NULL }
};

static struct route_match	m;

/* Returns the row that matches, or -1; the outcome is in m. */
static int
find(unsigned method, const char *path)
{
	route_match(&m, table, method, path, strlen(path));
	return (m.outcome == ROUTE_FOUND ? (int)(m.route - table) : -1);
}

static void
capture_is(int i, const char *wanted)
{
	assert_non_null(m.captures[i].s);
	assert_int_equal(m.captures[i].n, strlen(wanted));
	assert_memory_equal(m.captures[i].s, wanted, strlen(wanted));
}

static void
test_surfaces(void **state)
{
	(void)state;
	assert_int_equal(find(GET, "/"), 0);
	assert_int_equal(m.surface, ROOT);
	assert_string_equal(m.base, "");
	assert_int_equal(find(GET, "/console"), 2);
	assert_int_equal(m.surface, CONSOLE);
	assert_string_equal(m.base, "/console");
	assert_int_equal(find(GET, "/board/calls"), 3);
	assert_int_equal(m.surface, BOARD);
	assert_int_equal(find(GET, "/api/v1/calls"), 3);
	assert_int_equal(m.surface, API);
	/* a surface's name is a whole segment */
	assert_int_equal(find(GET, "/consoles/calls"), -1);
	assert_int_equal(m.outcome, ROUTE_NONE);
	assert_int_equal(m.surface, ROOT);
	assert_int_equal(find(GET, "/api/v2/calls"), -1);
	assert_int_equal(find(GET, "/calls"), -1);
	assert_int_equal(m.outcome, ROUTE_NONE);
	/* a row of another surface does not match */
	assert_int_equal(find(GET, "/board"), -1);
	assert_int_equal(m.outcome, ROUTE_NONE);
}

static void
test_captures(void **state)
{
	(void)state;
	assert_int_equal(find(GET, "/api/v1/calls/12"), 5);
	capture_is(0, "12");
	assert_null(m.captures[1].s);
	assert_int_equal(find(GET, "/board/calls/a-b/audio.mp3"), 6);
	capture_is(0, "a-b");
	assert_int_equal(find(GET, "/assets/77/js/list.js"), 1);
	capture_is(0, "77");
	capture_is(1, "js/list.js");
	assert_int_equal(find(GET, "/assets/77/"), -1);
	assert_int_equal(find(GET, "/assets//a"), -1);
	assert_int_equal(find(GET, "/api/v1/calls//audio.mp3"), -1);
	assert_int_equal(find(GET, "/api/v1/calls/1/audio.mp"), -1);
	assert_int_equal(find(GET, "/api/v1/calls/1/audio.mp3x"), -1);
	assert_int_equal(find(GET, "/api/v1/calls/1/2"), -1);
	assert_int_equal(m.outcome, ROUTE_NONE);
}

static void
test_methods(void **state)
{
	(void)state;
	assert_int_equal(find(POST, "/api/v1/calls"), 4);
	assert_int_equal(find(DELETE, "/api/v1/calls/1"), 7);
	capture_is(0, "1");
	assert_int_equal(find(PUT, "/api/v1/calls"), -1);
	assert_int_equal(m.outcome, ROUTE_METHOD);
	assert_int_equal(m.methods, GET | POST);
	assert_int_equal(find(DELETE, "/console/calls/1"), -1);
	assert_int_equal(m.outcome, ROUTE_METHOD);
	assert_int_equal(m.methods, GET);
	/* OPTIONS has no bit */
	assert_int_equal(find(0, "/console/session/end"), -1);
	assert_int_equal(m.outcome, ROUTE_METHOD);
	assert_int_equal(m.methods, POST);
}

static void
test_slashes(void **state)
{
	(void)state;
	assert_int_equal(find(GET, "/console/"), -1);
	assert_int_equal(m.outcome, ROUTE_SLASH);
	assert_int_equal(find(GET, "/console/calls/"), -1);
	assert_int_equal(m.outcome, ROUTE_SLASH);
	assert_int_equal(find(GET, "/console/calls/1/"), -1);
	assert_int_equal(m.outcome, ROUTE_SLASH);
	/* not for two slashes, in the API, or after an unknown path */
	assert_int_equal(find(GET, "/console/calls//"), -1);
	assert_int_equal(m.outcome, ROUTE_NONE);
	assert_int_equal(find(GET, "/api/v1/calls/"), -1);
	assert_int_equal(m.outcome, ROUTE_NONE);
	assert_int_equal(find(GET, "//"), -1);
	assert_int_equal(m.outcome, ROUTE_NONE);
	assert_int_equal(find(GET, "/console/nothing/"), -1);
	assert_int_equal(m.outcome, ROUTE_NONE);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_surfaces),
		cmocka_unit_test(test_captures),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_slashes),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
