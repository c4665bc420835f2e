/* Selections of recordings: what they select, what is refused and how. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "recordings/selection.h"

#define ID_3	"00000000-0000-4000-8000-000000000003"

#define A	"0198c2b1-7c00-7000-8000-000000000001"
#define B	"0198c2b1-7c00-7000-8000-000000000002"
#define AS_OF	"2026-07-30T15:14:05.250123Z"

static enum result
of_json(struct selection *s, const char *text)
{
	json_t		*select = json_loads(text, JSON_DECODE_ANY, NULL);
	enum result	 r = selection_of_json(s, select);

	json_decref(select);
	return (r);
}

static enum result
of_form(struct selection *s, struct arena *a, const char *text)
{
	struct params	 form;

	assert_int_equal(params_parse(&form, a, text, strlen(text)), OK);
	return (selection_of_form(s, &form));
}

static void
expect_json(const char *text, const char *want, bool own)
{
	struct arena		 a = { NULL };
	struct selection	 s;

	assert_int_equal(of_json(&s, text), OK);
	assert_string_equal(selection_text(&s, &a), want);
	assert_int_equal(s.own, own);
	selection_dispose(&s);
	arena_dispose(&a);
}

static void
refuse_json(const char *text, const char *field)
{
	struct selection	 s;

	assert_int_equal(of_json(&s, text), INVALID);
	assert_string_equal(s.field, field);
	assert_non_null(s.problem);
	assert_null(s.json);
}

static void
expect_form(const char *text, const char *want)
{
	struct arena		 a = { NULL };
	struct selection	 s;

	assert_int_equal(of_form(&s, &a, text), OK);
	assert_string_equal(selection_text(&s, &a), want);
	selection_dispose(&s);
	arena_dispose(&a);
}

static void
refuse_form(const char *text, const char *field)
{
	struct arena		 a = { NULL };
	struct selection	 s;

	assert_int_equal(of_form(&s, &a, text), INVALID);
	assert_string_equal(s.field, field);
	assert_null(s.json);
	arena_dispose(&a);
}

static void
test_ids(void **state)
{
	(void)state;
	expect_json("{\"ids\":[]}", "{\"ids\":[]}", false);
	expect_json("{\"ids\":[\"" A "\",\"" B "\"]}",
	    "{\"ids\":[\"" A "\",\"" B "\"]}", false);
	refuse_json("{\"ids\":\"" A "\"}", "select.ids");
	refuse_json("{\"ids\":[\"0198C2B1\"]}", "select.ids");
	refuse_json("{\"ids\":[1]}", "select.ids");
	refuse_json("{\"ids\":[null]}", "select.ids");
}

static void
test_filter(void **state)
{
	(void)state;
	expect_json("{\"filter\":{},\"as_of\":\"" AS_OF "\"}",
	    "{\"except\":[],\"filter\":{},\"as_of\":\"" AS_OF "\"}", false);
	expect_json("{\"filter\":{\"mood\":[\"angry\",\"neutral\"],"
	    "\"site\":\"" ID_3 "\",\"q\":\"facture\",\"from\":null,\"limit\":5,"
	    "\"after\":\"" A "\"},\"except\":[\"" B "\"],\"as_of\":\"" AS_OF
	    "\"}", "{\"except\":[\"" B "\"],\"filter\":{\"mood\":[\"angry\","
	    "\"neutral\"],\"site\":[\"" ID_3 "\"],\"q\":\"facture\"},"
	    "\"as_of\":\"" AS_OF "\"}", false);
	expect_json("{\"filter\":{\"scope\":\"own\"},\"as_of\":\"" AS_OF
	    "\"}", "{\"except\":[],\"filter\":{},\"as_of\":\"" AS_OF "\"}",
	    true);
	refuse_json("{\"filter\":{}}", "as_of");
	refuse_json("{\"filter\":{},\"as_of\":\"2026-07-30\"}", "as_of");
	refuse_json("{\"filter\":{},\"except\":{},\"as_of\":\"" AS_OF "\"}",
	    "select.except");
	refuse_json("{\"filter\":{\"mood\":\"gai\"},\"as_of\":\"" AS_OF
	    "\"}", "mood");
}

/* An invalid filter must not select all recordings. */
static void
test_bad_filters(void **state)
{
	(void)state;
	refuse_json("null", "select");
	refuse_json("[]", "select");
	refuse_json("{}", "select");
	refuse_json("{\"filter\":[],\"as_of\":\"" AS_OF "\"}", "select");
	refuse_json("{\"ids\":[],\"filter\":{}}", "select");
	refuse_json("{\"filter\":{\"moods\":[\"angry\"]},\"as_of\":\"" AS_OF
	    "\"}", "select.filter");
	refuse_json("{\"filter\":{\"mood\":[[]]},\"as_of\":\"" AS_OF "\"}",
	    "select.filter");
	refuse_json("{\"filter\":{\"q\":{}},\"as_of\":\"" AS_OF "\"}",
	    "select.filter");
	refuse_json("{\"filter\":{\"q\":true},\"as_of\":\"" AS_OF "\"}",
	    "select.filter");
	refuse_json("{\"filter\":{\"scope\":\"all\"},\"as_of\":\"" AS_OF
	    "\"}", "select.filter");
}

static void
test_form(void **state)
{
	(void)state;
	expect_form("", "{\"ids\":[]}");
	expect_form("csrf=x&content=audio&id=" A "&id=" B,
	    "{\"ids\":[\"" A "\",\"" B "\"]}");
	expect_form("ids=" A "," B "&except=", "{\"ids\":[\"" A "\",\"" B
	    "\"]}");
	expect_form("all=1&id=" A "&ids=" A "&except=" B "&as_of=" AS_OF
	    "&mood=angry&limit=3", "{\"except\":[\"" B "\"],\"filter\":"
	    "{\"mood\":[\"angry\"]},\"as_of\":\"" AS_OF "\"}");
	refuse_form("id=x", "id");
	refuse_form("ids=" A ",,", "ids");
	refuse_form("all=1", "as_of");
	refuse_form("all=1&as_of=" AS_OF "&except=x", "except");
	refuse_form("all=1&as_of=" AS_OF "&from=demain", "from");
}

static void
test_bounds(void **state)
{
	struct buf	b = { NULL, 0, 0 };
	struct arena	a = { NULL };
	struct selection s;
	int		i;

	(void)state;
	buf_puts(&b, "ids=" A);
	for (i = 1; i < SELECTION_IDS_MAX; i++)
		buf_puts(&b, "," A);
	assert_int_equal(of_form(&s, &a, b.data), OK);
	selection_dispose(&s);
	buf_puts(&b, "," A);
	assert_int_equal(of_form(&s, &a, b.data), INVALID);
	buf_dispose(&b);
	arena_dispose(&a);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_ids), cmocka_unit_test(test_filter),
		cmocka_unit_test(test_bad_filters), cmocka_unit_test(test_form),
		cmocka_unit_test(test_bounds)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
