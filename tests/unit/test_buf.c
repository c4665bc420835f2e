/*
 * Growing buffer: it holds what is appended, followed by a NUL.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static void
test_append(void **state)
{
	struct buf	 b = { NULL, 0, 0 };

	(void)state;
	buf_append(&b, "", 0);
	assert_string_equal(b.data, "");
	assert_int_equal(b.len, 0);
	buf_append(&b, "a\0b", 3);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.data, "a\0b", 4);
	buf_putc(&b, 'c');
	buf_puts(&b, "de");
	buf_printf(&b, "%d%s", 12, "f");
	assert_memory_equal(b.data, "a\0bcde12f", 10);
	assert_int_equal(b.len, 9);
	buf_dispose(&b);
	assert_null(b.data);
	assert_int_equal(b.len + b.cap, 0);
}

static void
test_growth(void **state)
{
	struct buf	 b = { NULL, 0, 0 };
	size_t		 i;

	(void)state;
	for (i = 0; i < 5000; i++) {
		if (i % 2 == 0)
			buf_putc(&b, (char)('a' + i % 26));
		else
			buf_printf(&b, "%c", (int)('a' + i % 26));
		assert_int_equal(b.len, i + 1);
		assert_int_equal(b.data[b.len], '\0');
		assert_true(b.cap > b.len);
	}
	for (i = 0; i < 5000; i++)
		assert_int_equal(b.data[i], 'a' + (int)(i % 26));
	buf_dispose(&b);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_growth),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
