/* Documents as PDF: how long a transcript may get; a receipt is one sheet, the
 * same bytes each time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/receipt_pdf.h"
#include "media/transcript_pdf.h"

#define FONTS	"/usr/share/fonts/truetype/dejavu/"
#define TURNS	400
#define LINES	133	/* of a turn: three sheets, one word per line */

static size_t
count(const uint8_t *bytes, size_t n, const char *what)
{
	const uint8_t	*at = bytes, *end = bytes + n;
	size_t		 found = 0;

	while ((at = memmem(at, (size_t)(end - at), what, strlen(what))) !=
	    NULL) {
		at += strlen(what);
		found++;
	}
	return (found);
}

/* A turn of several sheets may exceed the limit by a few sheets. */
static void
test_sheets_are_bounded(void **state)
{
	static struct transcript_turn	 turns[TURNS];
	static char			 text[LINES * 30 + 1];
	struct transcript		 t = { .head.lang = "fr",
					    .head.operator_name = "O",
					    .head.kind = "K",
					    .head.title = "T",
					    .head.date = "D",
					    .exchange_label = "E",
					    .turns = turns,
					    .turn_count = TURNS,
					    .head.footer = "F", .cut = "C" };
	uint8_t				*bytes;
	size_t				 i, n;

	(void)state;
	for (i = 0; i < sizeof(text) - 1; i++)
		text[i] = i % 30 == 29 ? ' ' : 'W';
	for (i = 0; i < TURNS; i++)
		turns[i] = (struct transcript_turn){ "00:00", "N", text,
		    false };
	assert_int_equal(transcript_pdf(&t, FONTS, &bytes, &n), 0);
	n = count(bytes, n, "/Type /Page\n");
	assert_in_range(n, TRANSCRIPT_PAGES_MAX, TRANSCRIPT_PAGES_MAX + 4);
	free(bytes);
}

static void
test_receipt(void **state)
{
	struct receipt	 r = { .head.lang = "fr",
			    .head.operator_name = "O", .head.kind = "K",
			    .head.title = "T", .head.date = "D",
			    .head.footer = "F", .lead = "L",
			    .facts = { { "A", "1", NULL }, { "B", "2", "x" },
			    { "C", "3", NULL } }, .fact_count = 3,
			    .note_label = "N", .note = "M" };
	uint8_t		*one, *two;
	size_t		 n, m;

	(void)state;
	assert_int_equal(receipt_pdf(&r, FONTS, &one, &n), OK);
	assert_int_equal(receipt_pdf(&r, FONTS, &two, &m), OK);
	assert_int_equal(count(one, n, "/Type /Page\n"), 1);
	assert_int_equal(n, m);
	assert_memory_equal(one, two, n);
	free(one);
	free(two);
	assert_int_equal(receipt_pdf(&r, "/nonexistent/", &one, &n), FAILED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sheets_are_bounded),
		cmocka_unit_test(test_receipt),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
