/*
 * Arena: alignment, zeroes, big and small blocks, reuse after disposal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

static void
test_alloc(void **state)
{
	static const size_t	 sizes[] = { 0, 1, 7, 16, 4095, 4096, 4097,
				    100000, 3 };
	struct arena		 a = { NULL };
	unsigned char		*p;
	size_t			 i, j, round;

	(void)state;
	for (round = 0; round < 3; round++) {
		for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			p = arena_alloc(&a, sizes[i]);
			assert_int_equal((uintptr_t)p %
			    _Alignof(max_align_t), 0);
			for (j = 0; j < sizes[i]; j++)
				assert_int_equal(p[j], 0);
			if (sizes[i] > 0)
				memset(p, 0xff, sizes[i]);
		}
		arena_dispose(&a);
		assert_null(a.head);
	}
}

/* Later allocations leave the bytes of earlier ones unchanged. */
static void
test_apart(void **state)
{
	struct arena	 a = { NULL };
	unsigned char	*p[300];
	size_t		 i, j;

	(void)state;
	for (i = 0; i < 300; i++) {
		p[i] = arena_alloc(&a, i * 3);
		memset(p[i], (int)(i & 0xff), i * 3);
	}
	for (i = 0; i < 300; i++) {
		for (j = 0; j < i * 3; j++)
			assert_int_equal(p[i][j], i & 0xff);
	}
	arena_dispose(&a);
}

static void
test_texts(void **state)
{
	struct arena	 a = { NULL };
	char		 long_text[5000], *s;

	(void)state;
	assert_string_equal(arena_strdup(&a, ""), "");
	assert_string_equal(arena_strdup(&a, "été"), "été");
	assert_string_equal(arena_strndup(&a, "abc", 2), "ab");
	assert_string_equal(arena_strndup(&a, "abc", 9), "abc");
	assert_string_equal(arena_printf(&a, "%d-%s", 7, "x"), "7-x");
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	s = arena_printf(&a, "<%s>", long_text);
	assert_int_equal(strlen(s), sizeof(long_text) + 1);
	assert_int_equal(s[sizeof(long_text)], '>');
	arena_dispose(&a);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_alloc),
		cmocka_unit_test(test_apart),
		cmocka_unit_test(test_texts),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
