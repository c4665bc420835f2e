/*
 * Mustache: our cases, and those of the specification if their folder exists.
 * MUSTACHE_SPEC names the folder; by default it is beside the checkout.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mustache.h"

#define PARTIALS_MAX	8

struct partials {
	const char		*name[PARTIALS_MAX];
	struct mustache		*m[PARTIALS_MAX];
	size_t			 count;
};

static const struct mustache *
get_partial(void *arg, const char *name)
{
	struct partials	*p = arg;
	size_t		 i;

	for (i = 0; i < p->count; i++) {
		if (strcmp(p->name[i], name) == 0)
			return (p->m[i]);
	}

	return (NULL);
}

static struct mustache *
parse(const char *text, enum lang lang)
{
	struct mustache	*m;
	char		*why = NULL;

	m = mustache_parse(text, strlen(text), lang, &why);
	if (m == NULL)
		fail_msg("%s: %s", text, why);

	return (m);
}

/* Renders text with the model and compares; takes model and partials over. */
static void
expect(const char *text, json_t *model, json_t *partials, const char *want)
{
	struct partials	 p = { .count = 0 };
	struct buf	 out = { NULL, 0, 0 };
	struct mustache	*m;
	const char	*name;
	json_t		*source;

	assert_non_null(model);
	m = parse(text, LANG_FR);
	json_object_foreach(partials, name, source) {
		assert_true(p.count < PARTIALS_MAX);
		p.name[p.count] = name;
		p.m[p.count++] = parse(json_string_value(source), LANG_FR);
	}
	mustache_render(m, model, get_partial, &p, &out);
	assert_string_equal(out.data == NULL ? "" : out.data, want);

	mustache_free(m);
	while (p.count > 0)
		mustache_free(p.m[--p.count]);
	buf_dispose(&out);
	json_decref(model);
	json_decref(partials);
}

static void
expect_json(const char *text, const char *model, const char *want)
{
	expect(text, json_loads(model, JSON_DECODE_ANY, NULL), NULL, want);
}

static void
expect_error(const char *text, const char *want)
{
	char	*why = NULL;

	assert_null(mustache_parse(text, strlen(text), LANG_FR, &why));
	assert_non_null(why);
	assert_string_equal(why, want);
	free(why);
}

static void
run_spec(const char *name)
{
	char		 path[4096];
	const char	*folder;
	json_t		*spec, *test;
	size_t		 i;

	folder = getenv("MUSTACHE_SPEC");
	(void)snprintf(path, sizeof(path), "%s/%s.json",
	    folder == NULL ? "../shared/mustache-spec" : folder, name);
	if ((spec = json_load_file(path, 0, NULL)) == NULL) {
		assert_null(folder);
		print_message("# the official cases are not tried: %s is not "
		    "there (MUSTACHE_SPEC is their folder)\n", path);
		skip();
	}
	assert_true(json_array_size(json_object_get(spec, "tests")) > 0);
	json_array_foreach(json_object_get(spec, "tests"), i, test) {
		print_message("  %s: %s\n", name,
		    json_string_value(json_object_get(test, "name")));
		expect(json_string_value(json_object_get(test, "template")),
		    json_incref(json_object_get(test, "data")),
		    json_incref(json_object_get(test, "partials")),
		    json_string_value(json_object_get(test, "expected")));
	}
	json_decref(spec);
}

static void
test_spec(void **state)
{
	(void)state;
	run_spec("comments");
	run_spec("delimiters");
	run_spec("interpolation");
	run_spec("inverted");
	run_spec("partials");
	run_spec("sections");
}

static void
test_escapes(void **state)
{
	(void)state;
	expect_json("{{x}}", "{\"x\": \"& < > \\\" ' `\"}",
	    "&amp; &lt; &gt; &quot; &#39; &#96;");
	expect_json("<a title='{{x}}'>", "{\"x\": \"' onclick='alert(1)\"}",
	    "<a title='&#39; onclick=&#39;alert(1)'>");
	expect_json("{{x}}", "{\"x\": \"<script>alert(\\\"é\\\")</script>\"}",
	    "&lt;script&gt;alert(&quot;é&quot;)&lt;/script&gt;");
	expect_json("{{{x}}}|{{&x}}", "{\"x\": \"<b>'`\"}", "<b>'`|<b>'`");
	expect_json("{{x}}", "{\"x\": \"&amp;\"}", "&amp;amp;");
	/* A value is never read as a template. */
	expect_json("{{{x}}}", "{\"x\": \"{{y}}\", \"y\": 1}", "{{y}}");
}

static void
test_values(void **state)
{
	(void)state;
	expect_json("{{x}}", "{\"x\": 9223372036854775807}",
	    "9223372036854775807");
	expect_json("{{x}}", "{\"x\": -1}", "-1");
	expect_json("{{x}}", "{\"x\": 0.1}", "0.1");
	expect_json("{{x}}", "{\"x\": 1e3}", "1000");
	expect_json("{{x}}", "{\"x\": 0.12345678901234567}",
	    "0.12345678901234566");
	expect_json("{{t}} {{f}} [{{n}}{{l}}{{o}}{{m}}]", "{\"t\": true, "
	    "\"f\": false, \"n\": null, \"l\": [1], \"o\": {\"a\": 1}}",
	    "true false []");
}

static void
test_truth(void **state)
{
	static const char	*const falsy[] = { "null", "false", "\"\"",
				    "[]" };
	static const char	*const truthy[] = { "true", "0", "0.0", "{}",
				    "\" \"", "\"0\"", "[0]", "[null]" };
	char			 model[32];
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(falsy) / sizeof(falsy[0]); i++) {
		(void)snprintf(model, sizeof(model), "{\"x\": %s}", falsy[i]);
		expect_json("{{#x}}yes{{/x}}{{^x}}no{{/x}}", model, "no");
	}
	for (i = 0; i < sizeof(truthy) / sizeof(truthy[0]); i++) {
		(void)snprintf(model, sizeof(model), "{\"x\": %s}",
		    truthy[i]);
		expect_json("{{#x}}yes{{/x}}{{^x}}no{{/x}}", model, "yes");
	}
}

static void
test_context(void **state)
{
	(void)state;
	/* null in the nearer object hides the outer value. */
	expect_json("{{#a}}[{{x}}]{{/a}}",
	    "{\"a\": {\"x\": null}, \"x\": 1}", "[]");
	expect_json("{{#l}}{{x}}{{y}} {{/l}}",
	    "{\"l\": [{\"x\": 1}, {\"x\": 2, \"y\": \"b\"}], \"y\": \"a\"}",
	    "1a 2b ");
	expect_json("{{#l}}{{#.}}{{.}}{{/.}};{{/l}}",
	    "{\"l\": [[1, 2], [], [3]]}", "12;;3;");
	expect_json("{{a.b.0}}", "{\"a\": {\"b\": [1]}}", "");
	expect_json("{{nom-é_1}}", "{\"nom-é_1\": 1}", "1");
}

static void
test_partials(void **state)
{
	(void)state;
	expect(" {{> a}}\n.", json_pack("{}"),
	    json_pack("{s:s, s:s}", "a", "1\n  {{> b/c}}\n2\n", "b/c",
	    "x\n\n{{#no}}\n{{/no}}\ny"), " 1\n   x\n   \n   y2\n.");
	expect("{{> a}}", json_pack("{s:i}", "x", 1),
	    json_pack("{s:s}", "a", "{{x}}"), "1");
}

/* A partial that includes itself is stopped, and the rest is rendered. */
static void
test_endless_partial(void **state)
{
	(void)state;
	expect("<{{> a}}>", json_pack("{}"), json_pack("{s:s}", "a",
	    "{{> a}}"), "<>");
}

static void
test_sentences(void **state)
{
	static const char	 catalogue[] = "{\"Bonjour {{name}}.\": "
				    "\"Hello {{name}}!\", \"un deux\": "
				    "\"one two\"}";
	static const char	 text[] = "{{#_}}Bonjour {{name}}.{{/_}} "
				    "{{#_}}\n  un\n  deux\n{{/_}}|"
				    "{{#_}} inconnu {{/_}}";
	struct buf		 out = { NULL, 0, 0 };
	struct mustache		*m;
	json_t			*model;

	(void)state;
	assert_true(words_load(catalogue, strlen(catalogue)));
	model = json_pack("{s:s}", "name", "<Zoé>");
	m = parse(text, LANG_FR);
	mustache_render(m, model, NULL, NULL, &out);
	assert_string_equal(out.data,
	    "Bonjour &lt;Zoé&gt;. un deux|inconnu");
	mustache_free(m);
	buf_dispose(&out);

	m = parse(text, LANG_EN);
	mustache_render(m, model, NULL, NULL, &out);
	assert_string_equal(out.data, "Hello &lt;Zoé&gt;! one two|inconnu");
	mustache_free(m);
	buf_dispose(&out);
	json_decref(model);
}

#define ICON(name)	"<svg class=\"icon\" aria-hidden=\"true\"><use " \
			"href=\"/a/icons.svg#" name "\"></use></svg>"

static void
test_icons(void **state)
{
	static const char	 model[] = "{\"assets\": \"/a\", \"key\": "
				    "\"<x>\", \"to\": {\"icon\": \"in\"}}";

	(void)state;
	expect_json("a{{icon back-10}}b", model, "a" ICON("back-10") "b");
	expect_json("{{ icon\n  search }}", model, ICON("search"));
	expect_json("{{icon *key}}", model, ICON("&lt;x&gt;"));
	expect_json("{{icon mood-*key}}", model, ICON("mood-&lt;x&gt;"));
	expect_json("{{icon *to.icon}}", model, ICON("in"));
	/* Inside sections and sentences; alone on its line, which is kept. */
	expect_json("{{#to}}\n{{icon *icon}}\n{{/to}}", model,
	    ICON("in") "\n");
	expect_json("{{=<% %>=}}<%icon x-*key%>{{icon}}", model,
	    ICON("x-&lt;x&gt;") "{{icon}}");
	expect_json("{{#_}}Un {{icon search}}{{/_}}.", model,
	    "Un " ICON("search") ".");
	/* Without an argument, icon is an ordinary name. */
	expect_json("{{#to}}{{icon}}{{ icon }}{{/to}}", model, "inin");
}

static void
test_errors(void **state)
{
	(void)state;
	expect_error("a\n{{x", "line 2: tag never closed: \"{{x\"");
	expect_error("{{{x}}", "line 1: tag never closed: \"{{{x}}\"");
	expect_error("{{#a}}\n", "line 2: section never closed: \"a\"");
	expect_error("{{/a}}", "line 1: nothing to close: \"a\"");
	expect_error("{{#a}}{{#b}}{{/a}}", "line 1: closes another section "
	    "than the open one: \"a\"");
	expect_error("{{}}", "line 1: not a name: \"\"");
	expect_error("{{a b}}", "line 1: not a name: \"a b\"");
	expect_error("{{a..b}}", "line 1: not a name: \"a..b\"");
	expect_error("{{.a}}", "line 1: not a name: \".a\"");
	expect_error("{{a.}}", "line 1: not a name: \"a.\"");
	expect_error("{{$a}}{{/a}}", "line 1: not a name: \"$a\"");
	expect_error("{{> a b}}", "line 1: not a partial's name: \"a b\"");
	expect_error("\n{{icon a b}}", "line 2: not an icon's name: \"a b\"");
	expect_error("{{icon <b>}}", "line 1: not an icon's name: \"<b>\"");
	expect_error("{{icon a.b}}", "line 1: not an icon's name: \"a.b\"");
	expect_error("{{icon a*}}", "line 1: not an icon's name: \"a*\"");
	expect_error("{{icon a*b*c}}",
	    "line 1: not an icon's name: \"a*b*c\"");
	expect_error("{{icon *a..b}}", "line 1: not a name: \"a..b\"");
	expect_error("{{=a=}}", "line 1: not two delimiters: \"a\"");
	expect_error("{{=a b c=}}", "line 1: not two delimiters: \"a b c\"");
	expect_error("{{=aaaaaaaa b=}}",
	    "line 1: not two delimiters: \"aaaaaaaa b\"");
	expect_error("{{#_}}x", "line 1: sentence never closed, or inside "
	    "another: \"_\"");
	expect_error("{{#_}}{{#_}}x{{/_}}{{/_}}", "line 1: sentence never "
	    "closed, or inside another: \"_\"");
	expect_error("{{#_}}{{#a}}x{{/_}}",
	    "line 1: section never closed: \"a\"");
}

static void
test_depth(void **state)
{
	struct buf	 text = { NULL, 0, 0 };
	char		*why = NULL;
	int		 i;

	(void)state;
	for (i = 0; i < 65; i++)
		buf_puts(&text, "{{#a}}");
	for (i = 0; i < 65; i++)
		buf_puts(&text, "{{/a}}");
	assert_null(mustache_parse(text.data, text.len, LANG_FR, &why));
	assert_non_null(strstr(why, "sections too deep"));
	free(why);
	buf_dispose(&text);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_spec),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_truth),
		cmocka_unit_test(test_context),
		cmocka_unit_test(test_partials),
		cmocka_unit_test(test_endless_partial),
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_icons),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_depth),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
