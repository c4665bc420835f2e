/* The filter of a list: each field, its bounds, what is refused and how. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "recordings/filter.h"

#define ID_3	"00000000-0000-4000-8000-000000000003"
#define ID_4	"00000000-0000-4000-8000-000000000004"

static void
expect_text(const char *query, const char *want)
{
	struct arena	 a = { NULL };
	struct params	 p;
	struct filter	 f;

	assert_int_equal(params_parse(&p, &a, query, strlen(query)), OK);
	assert_int_equal(filter_parse(&f, &p), OK);
	assert_string_equal(filter_text(&f, &a), want);
	filter_dispose(&f);
	arena_dispose(&a);
}

static void
expect_refused(const char *query, const char *field)
{
	struct arena	 a = { NULL };
	struct params	 p;
	struct filter	 f;

	assert_int_equal(params_parse(&p, &a, query, strlen(query)), OK);
	assert_int_equal(filter_parse(&f, &p), INVALID);
	assert_string_equal(f.field, field);
	assert_non_null(f.problem);
	assert_null(f.json);
	arena_dispose(&a);
}

static void
test_fields(void **state)
{
	(void)state;
	expect_text("", "{}");
	expect_text("q=facture+impay%C3%A9e&typing=1",
	    "{\"q\":\"facture impay\xc3\xa9" "e\",\"typing\":true}");
	expect_text("mood=angry&mood=neutral&site=" ID_3 "&site=" ID_4,
	    "{\"mood\":[\"angry\",\"neutral\"],\"site\":[\"" ID_3
	    "\",\"" ID_4 "\"]}");
	expect_text("from=2026-07-01&to=2026-07-31",
	    "{\"from\":\"2026-07-01\",\"to\":\"2026-07-31\"}");
	expect_text("from=2026-07-01T00:00:00.000Z",
	    "{\"from\":\"2026-07-01T00:00:00.000Z\"}");
	expect_text("min_ms=0&max_ms=86400000&limit=100&direction=internal",
	    "{\"min_ms\":0,\"max_ms\":86400000,\"limit\":100,"
	    "\"direction\":\"internal\"}");
	expect_text("number=06+13+24&account=" ID_3,
	    "{\"number\":\"06 13 24\",\"account\":\"" ID_3 "\"}");
	expect_text("since=2026-07-01T15:04:05.123456Z",
	    "{\"since\":\"2026-07-01T15:04:05.123456Z\"}");
	expect_text("after=0198c2b1-7c00-7000-8000-000000000001",
	    "{\"after\":\"0198c2b1-7c00-7000-8000-000000000001\"}");
}

static void
test_empty_is_absent(void **state)
{
	(void)state;
	expect_text("q=&from=&to=&mood=&number=&scope=team&to_else=x", "{}");
}

static void
test_refused(void **state)
{
	(void)state;
	expect_refused("mood=furieux", "mood");
	expect_refused("site=-1", "site");
	expect_refused("site=abc", "site");
	expect_refused("account=7", "account");
	expect_refused("from=2026-02-30", "from");
	expect_refused("to=demain", "to");
	expect_refused("limit=0", "limit");
	expect_refused("limit=101", "limit");
	expect_refused("after=x", "after");
	expect_refused("since=2026-07-01", "since");
	expect_refused("typing=yes", "typing");
	expect_refused("direction=sideways", "direction");
	expect_refused("min_ms=-5", "min_ms");
	expect_refused("q=a&q=b", "q");
	expect_refused("from=2026-07-02&to=2026-07-01", "to");
	expect_refused("min_ms=2000&max_ms=1000", "max_ms");
}

static void
test_length_in_characters(void **state)
{
	char	query[3 + 6 * 201 + 1] = "q=";
	int	i;

	(void)state;
	for (i = 0; i < FILTER_WORDS_MAX; i++)
		strcat(query, "%C3%A9");
	{
		struct arena	 a = { NULL };
		struct params	 p;
		struct filter	 f;

		params_parse(&p, &a, query, strlen(query));
		assert_int_equal(filter_parse(&f, &p), OK);
		filter_dispose(&f);
		arena_dispose(&a);
	}
	strcat(query, "a");
	expect_refused(query, "q");
}

static void
test_too_many_choices(void **state)
{
	char	query[64 * 64] = "site=" ID_3;
	int	i;

	(void)state;
	for (i = 0; i < FILTER_CHOICES_MAX; i++)
		strcat(query, "&site=" ID_3);
	expect_refused(query, "site");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_empty_is_absent),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_length_in_characters),
		cmocka_unit_test(test_too_many_choices),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
