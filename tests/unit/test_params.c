/*
 * Query strings, form bodies and cookies, valid and hostile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/params.h"

static void
write_pairs(const struct params *p, struct buf *out)
{
	size_t	i;

	for (i = 0; i < p->count; i++) {
		buf_puts(out, i == 0 ? "" : "&");
		params_encode_value(out, p->list[i].name);
		buf_putc(out, '=');
		params_encode_value(out, p->list[i].value);
	}
}

/* Parses text and compares its pairs, percent-encoded, with want; "!" is
 * INVALID. The text is at the end of its allocation, so that sanitizers detect
 * a read past it. */
static void
expect(const char *text, const char *want)
{
	struct arena	 a = { NULL };
	struct buf	 out = { NULL, 0, 0 };
	struct params	 p;
	char		*copy;
	size_t		 n;

	n = strlen(text);
	copy = malloc(n + 1);
	assert_non_null(copy);
	memcpy(copy + 1, text, n);
	buf_puts(&out, "");
	if (params_parse(&p, &a, copy + 1, n) != OK)
		buf_puts(&out, "!");
	else
		write_pairs(&p, &out);
	assert_string_equal(out.data, want);
	free(copy);
	buf_dispose(&out);
	arena_dispose(&a);
}

static void
test_parse(void **state)
{
	(void)state;
	expect("", "");
	expect("a=1&b=2", "a=1&b=2");
	expect("a=1&a=2", "a=1&a=2");
	expect("&&a=1&&", "a=1");
	expect("a", "a=");
	expect("a=", "a=");
	expect("=b", "=b");
	expect("=", "=");
	expect("a=b=c", "a=b%3Dc");
	expect("q=a+b%20c", "q=a%20b%20c");
	expect("q=%2B%26%3D%25", "q=%2B%26%3D%25");
	expect("%61=%c3%a9%C3%A9", "a=%C3%A9%C3%A9");
	expect("q=\xc3\xa9", "q=%C3%A9");
	expect("q=<\"'>", "q=%3C%22%27%3E");
}

static void
test_hostile(void **state)
{
	(void)state;
	expect("q=%", "!");
	expect("q=%2", "!");
	expect("q=%zz", "!");
	expect("q=%2g", "!");
	expect("%=1", "!");
	expect("a=1&q=%4", "!");
	expect("q=%00", "!");
	expect("%00=1", "!");
	expect("q=%c3", "!");
	expect("q=%c0%80", "!");
	expect("q=%ed%a0%80", "!");
	expect("q=\xff", "!");
	expect("q=a%0d%0aSet-Cookie:x", "q=a%0D%0ASet-Cookie%3Ax");
}

static void
test_nul(void **state)
{
	struct arena	 a = { NULL };
	struct params	 p;

	(void)state;
	assert_int_equal(params_parse(&p, &a, "a=1\0b", 5), INVALID);
	assert_int_equal(params_parse(&p, &a, NULL, 0), OK);
	assert_int_equal(p.count, 0);
	arena_dispose(&a);
}

static void
test_many(void **state)
{
	struct arena	 a = { NULL };
	struct buf	 text = { NULL, 0, 0 };
	struct params	 p;
	int		 i;

	(void)state;
	for (i = 0; i < PARAMS_MAX; i++)
		buf_printf(&text, "&a%d=%d", i, i);
	buf_puts(&text, "&&&");
	assert_int_equal(params_parse(&p, &a, text.data, text.len), OK);
	assert_int_equal(p.count, PARAMS_MAX);
	assert_string_equal(params_get(&p, "a255"), "255");
	buf_puts(&text, "x");
	assert_int_equal(params_parse(&p, &a, text.data, text.len), INVALID);
	buf_dispose(&text);
	arena_dispose(&a);
}

static void
test_get(void **state)
{
	static const char	 text[] = "site=1&after=x&site=2&Site=3";
	struct arena		 a = { NULL };
	struct params		 p;

	(void)state;
	assert_int_equal(params_parse(&p, &a, text, strlen(text)), OK);
	assert_string_equal(params_get(&p, "site"), "1");
	assert_null(params_get(&p, "sit"));
	assert_null(params_get(&p, ""));
	arena_dispose(&a);
}

static void
test_encode_value(void **state)
{
	struct buf	 out = { NULL, 0, 0 };

	(void)state;
	params_encode_value(&out, "aZ09-._~ /?#é+");
	assert_string_equal(out.data, "aZ09-._~%20%2F%3F%23%C3%A9%2B");
	buf_dispose(&out);
}

static void
expect_cookie(const char *header, const char *name, const char *want)
{
	struct arena	 a = { NULL };
	const char	*value;

	value = cookie_get(&a, header, name);
	if (want == NULL)
		assert_null(value);
	else {
		assert_non_null(value);
		assert_string_equal(value, want);
	}
	arena_dispose(&a);
}

/* A link has the named values that are not empty, encoded; without any, it is
 * the path alone. */
static void
test_link(void **state)
{
	static const char *const	 names[] = { "q", "site", NULL };
	static const char		 query[] = "x=1&site=&q=a%26b&after=3";
	struct arena			 a = { NULL };
	struct params			 p;

	(void)state;
	assert_int_equal(params_parse(&p, &a, query, strlen(query)), OK);
	assert_string_equal(params_link(&a, "/p", &p, names, NULL),
	    "/p?q=a%26b");
	assert_string_equal(params_link(&a, "/p", &p, names, "9"),
	    "/p?q=a%26b&after=9");
	assert_string_equal(params_link(&a, "/p", &p, names + 1, ""), "/p");
	assert_string_equal(params_link(&a, "/p", &p, names + 1, "9"),
	    "/p?after=9");
	arena_dispose(&a);
}

static void
test_cookie(void **state)
{
	(void)state;
	expect_cookie(NULL, "a", NULL);
	expect_cookie("", "a", NULL);
	expect_cookie(";;;", "a", NULL);
	expect_cookie("a", "a", NULL);
	expect_cookie("a=", "a", "");
	expect_cookie("a=1", "a", "1");
	expect_cookie("a=1;a=2", "a", "1");
	expect_cookie("xa=1; a=2", "a", "2");
	expect_cookie("ab=1; a=2", "a", "2");
	expect_cookie("b=\"a=3\"; a=2", "a", "2");
	expect_cookie("b=a=3; a=2", "a", "2");
	expect_cookie(" a=1 2 ; b=3", "a", "1 2");
	expect_cookie("b=;a=%41", "a", "%41");
	expect_cookie("a=x=y; b", "a", "x=y");
	expect_cookie("a =1", "a", NULL);
	expect_cookie("A=1", "a", NULL);
	expect_cookie("__Host-session=ok", "__Host-session", "ok");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_encode_value),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_cookie),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
