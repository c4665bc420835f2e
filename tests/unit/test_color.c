/* Contrast as WCAG 2 defines it, and readable tones for any colour. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/color.h"

/* From app.css, light and dark: --surface, --ground, --sunken, --raised. */
static const char *const grounds[2][4] = {
	{ "#ffffff", "#f5f6f9", "#f0f2f6", "#ffffff" },
	{ "#171d27", "#0f141c", "#11161f", "#1d2430" },
};
static const char *const ink[2] = { "#161d2b", "#eef1f6" };

static void
test_valid(void **state)
{
	(void)state;
	assert_true(color_valid("#1f5fa8"));
	assert_true(color_valid("#ABCDEF"));
	assert_false(color_valid(""));
	assert_false(color_valid("1f5fa8"));
	assert_false(color_valid("#1f5fa"));
	assert_false(color_valid("#1f5fa88"));
	assert_false(color_valid("#1f5fag"));
	assert_false(color_valid("#12}*{x"));
}

static void
near(const char *a, const char *b, double wanted)
{
	assert_true(fabs(color_contrast(a, b) - wanted) < 0.005);
}

static void
test_contrast(void **state)
{
	(void)state;
	near("#000000", "#ffffff", 21);
	near("#ffffff", "#000000", 21);
	near("#123456", "#123456", 1);
	/* published values for these greys and this red */
	near("#767676", "#ffffff", 4.54);
	near("#777777", "#ffffff", 4.48);
	near("#ff0000", "#ffffff", 4.00);
}

static void
check_readable(const char *color, int dark)
{
	struct color_tones	t;
	int			i;

	color_tones(color, dark, &t);
	assert_true(color_contrast(t.brand, t.ink) >= 4.5);
	assert_true(color_contrast(t.strong, t.ink) >= 4.5);
	assert_true(color_contrast(t.brand, t.soft) >= 4.5);
	assert_true(color_contrast(ink[dark], t.soft) >= 7);
	for (i = 0; i < 4; i++)
		assert_true(color_contrast(t.brand, grounds[dark][i]) >= 4.5);
}

static void
test_every_colour(void **state)
{
	char	color[COLOR_TEXT];
	int	r, g, b;

	(void)state;
	for (r = 0; r < 256; r += 15)
		for (g = 0; g < 256; g += 15)
			for (b = 0; b < 256; b += 15) {
				snprintf(color, sizeof(color),
				    "#%02x%02x%02x", r, g, b);
				check_readable(color, 0);
				check_readable(color, 1);
			}
}

/* A readable colour is kept unchanged. */
static void
test_kept(void **state)
{
	struct color_tones	t;

	(void)state;
	color_tones("#1f5fa8", false, &t);
	assert_string_equal(t.brand, "#1f5fa8");
	assert_string_equal(t.ink, "#ffffff");
	color_tones("#A9B6FF", true, &t);
	assert_string_equal(t.brand, "#a9b6ff");
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_contrast),
		cmocka_unit_test(test_every_colour),
		cmocka_unit_test(test_kept),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
