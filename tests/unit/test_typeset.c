/*
 * Line breaking and missing characters: with a face made for the test, whose
 * characters are half as wide as their size, and with the documents' face.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "media/typeset.h"

#define FONTS	"/usr/share/fonts/truetype/dejavu/"

/* Latin, some punctuation and the substitute; 500 wide, combining marks 0. */
static struct face	plain;

static int
setup(void **state)
{
	size_t	i;

	(void)state;
	for (i = 0; i < 0x10000; i++)
		plain.widths[i] = i >= 0x20 && i < 0x180 ? 500 : FACE_ABSENT;
	plain.widths[0x301] = 0;
	plain.widths[0x25a1] = plain.widths[0x2026] = 500;
	plain.widths[0x202f] = 500;
	return (0);
}

static void
clean_is(const char *text, const char *want)
{
	char	*got = typeset_clean(text);

	assert_string_equal(got, want);
	free(got);
}

static void
drawn_is(const char *text, const char *want)
{
	char	*got = typeset_drawn(&plain, text, strlen(text));

	assert_string_equal(got, want);
	free(got);
}

/* Checks the lines of a text at size 10, ten characters wide, joined by "|". */
static void
lines_are(const char *text, const char *want)
{
	struct line	*lines;
	char		 got[400] = "";
	size_t		 i, n;

	lines = typeset_wrap(&plain, 10, 50, text, &n);
	for (i = 0; i < n; i++) {
		assert_true(typeset_width(&plain, 10, lines[i].text,
		    lines[i].n) <= 50);
		strncat(got, lines[i].text, lines[i].n);
		if (i + 1 < n)
			strcat(got, "|");
	}
	free(lines);
	assert_string_equal(got, want);
}

static void
test_clean(void **state)
{
	(void)state;
	clean_is("Été, ça", "Été, ça");
	clean_is("a\tb\nc\x7f.", "a b c .");
	clean_is("x\xf0\x9f\x98\x80y\xe4\xb8\xadz",
	    "x\xf0\x9f\x98\x80y\xe4\xb8\xadz");
	/* marks of text direction, joiners, variation selectors */
	clean_is("\xe2\x80\xaexyz\xe2\x80\xac\xe2\x81\xa6\xe2\x81\xa9", "xyz");
	clean_is("\xd8\x9c\xe2\x80\x8d\xef\xb8\x8fx", "x");
	clean_is("", "");
}

static void
test_drawn(void **state)
{
	(void)state;
	drawn_is("Été", "Été");
	/* above U+FFFF, and below it but absent from the face */
	drawn_is("x\xf0\x9f\x98\x80y\xe4\xb8\xadz", "x□y□z");
	drawn_is("\xc2\xa0\xe2\x80\xaf", "\xc2\xa0\xe2\x80\xaf");
	drawn_is("", "");
	/* a box has a width: three of ten characters are boxes */
	lines_are("aé日日日bcdef g", "aé日日日bcdef|g");
}

static void
test_wrap(void **state)
{
	(void)state;
	lines_are("", "");
	lines_are("court", "court");
	lines_are("dix car ab", "dix car ab");
	lines_are("un deux trois quatre", "un deux|trois|quatre");
	lines_are("  des   espaces  ", "des|espaces");
	lines_are("interminablement long", "interminab|lement|long");
	lines_are("abc interminablement", "abc|interminab|lement");
	lines_are("0123456789", "0123456789");
	lines_are("012345678é1", "012345678é|1");
	lines_are("porte-à-faux oui", "porte-à-fa|ux oui");
}

/* Lines do not break at the no-break spaces of French punctuation. */
static void
test_french(void **state)
{
	(void)state;
	lines_are("bonjour vous ?", "bonjour|vous ?");
	lines_are("il dit « oui »", "il dit|« oui »");
	lines_are("vaut bien 12 €", "vaut bien|12 €");
	lines_are("fini 8\xc2\xa0mars 9", "fini|8\xc2\xa0mars 9");
}

static void
test_fit(void **state)
{
	char	*got;

	(void)state;
	got = typeset_fit(&plain, 10, 50, "dix car ab");
	assert_string_equal(got, "dix car ab");
	free(got);
	got = typeset_fit(&plain, 10, 50, "plus de dix caractères");
	assert_string_equal(got, "plus de d…");
	free(got);
	got = typeset_fit(&plain, 10, 50, "plus de   dix");
	assert_string_equal(got, "plus de…");
	free(got);
}

static void
test_real_face(void **state)
{
	static const uint32_t has[] = { ' ', 'A', 0xe9, 0x153, 0x20ac, 0x2019,
		0x25a1, 0x2026, 0x3a9, 0x202f };
	struct face		*f;
	size_t			 i;

	(void)state;
	assert_non_null(f = face_load(FONTS "DejaVuSans.ttf"));
	for (i = 0; i < sizeof(has) / sizeof(has[0]); i++)
		assert_true(face_has(f, has[i]));
	assert_false(face_has(f, 0x4e2d));
	assert_false(face_has(f, 0x1f600));
	assert_int_equal(face_width(f, '0'), 636);
	assert_int_equal(face_width(f, '7'), 636);
	assert_int_equal(face_width(f, 'i'), 277);
	assert_int_equal(face_width(f, 0x1f600), 0);
	free(f);
	assert_null(face_load(FONTS "no-such.ttf"));
	assert_null(face_load("/proc/self/exe"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_drawn),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_french),
		cmocka_unit_test(test_fit),
		cmocka_unit_test(test_real_face),
	};

	return (cmocka_run_group_tests(tests, setup, NULL));
}
