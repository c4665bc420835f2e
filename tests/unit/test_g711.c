/* Compares the tables with the arithmetic of G.711 and its end points. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "media/g711.h"

/* Even bits are inverted; sign, 3 bits of segment, 4 of interval. */
static int
alaw(int byte)
{
	int	 segment, value;

	byte ^= 0x55;
	segment = byte >> 4 & 7;
	value = (byte & 15) * 2 + 1;
	if (segment > 0)
		value = (value + 32) << (segment - 1);
	return ((byte & 0x80) != 0 ? value * 8 : -value * 8);
}

/* All bits are inverted; a bias of 33 in units of 4. */
static int
ulaw(int byte)
{
	int	 value;

	byte = ~byte & 0xff;
	value = ((((byte & 15) * 2 + 33) << (byte >> 4 & 7)) - 33) * 4;
	return ((byte & 0x80) != 0 ? -value : value);
}

static void
test_arithmetic(void **state)
{
	int	 i;

	(void)state;
	for (i = 0; i < 256; i++) {
		assert_int_equal(g711_alaw[i], alaw(i));
		assert_int_equal(g711_ulaw[i], ulaw(i));
	}
}

static void
test_end_points(void **state)
{
	(void)state;
	assert_int_equal(g711_alaw[0xd5], 8);
	assert_int_equal(g711_alaw[0x55], -8);
	assert_int_equal(g711_alaw[0xaa], 32256);
	assert_int_equal(g711_alaw[0x2a], -32256);
	assert_int_equal(g711_ulaw[0xff], 0);
	assert_int_equal(g711_ulaw[0x7f], 0);
	assert_int_equal(g711_ulaw[0x80], 32124);
	assert_int_equal(g711_ulaw[0x00], -32124);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arithmetic),
		cmocka_unit_test(test_end_points),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
