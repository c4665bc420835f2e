/*
 * Comma-separated values, as spreadsheets and people write them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/csv.h"

/* Compares the records, as "line:cell|cell" on a line each, and a fault, as
 * "line!kind", with want. The text is at the end of its allocation, so that
 * sanitizers detect a read past it. */
static void
expect(const char *text, const char *want)
{
	const char	*cells[4];
	struct arena	 a = { NULL };
	struct buf	 out = { NULL, 0, 0 };
	struct csv	 c;
	enum csv_next	 next;
	size_t		 i, count, n = strlen(text);
	char		*copy = malloc(n + 1);

	assert_non_null(copy);
	memcpy(copy + 1, text, n);
	csv_open(&c, copy + 1, n);
	buf_puts(&out, "");
	while ((next = csv_read(&c, &a, cells, 4, &count)) == CSV_RECORD) {
		buf_printf(&out, "%d:", c.line);
		for (i = 0; i < count && i < 4; i++)
			buf_printf(&out, "%s%s", i == 0 ? "" : "|", cells[i]);
		buf_puts(&out, count > 4 ? "+\n" : "\n");
	}
	if (next != CSV_END)
		buf_printf(&out, "%d!%s", c.line,
		    next == CSV_QUOTE ? "quote" : "control");
	assert_string_equal(out.data, want);
	free(copy);
	buf_dispose(&out);
	arena_dispose(&a);
}

static void
test_records(void **state)
{
	(void)state;
	expect("", "");
	expect("\xef\xbb\xbf", "");
	expect("a,b\r\n1,2\r\n", "1:a|b\n2:1|2\n");
	expect("\xef\xbb\xbfx;b\n1;2", "1:x|b\n2:1|2\n");
	expect("a;b,c;d\n1,2;3", "1:a|b,c|d\n2:1,2|3\n");
	expect("a\n\n\r\nb\n", "1:a\n4:b\n");
	expect(",,\n", "1:||\n");
	expect("a,b,c,d,e\n", "1:a|b|c|d+\n");
	expect(" a , b ", "1: a | b \n");
}

/* As Excel, LibreOffice and a clipboard write. */
static void
test_spreadsheets(void **state)
{
	(void)state;
	/* a CR alone ends a line, also between quotes */
	expect("a\rb\n", "1:a\n2:b\n");
	expect("a\n\r", "1:a\n");
	expect("a\r\r\nb\r\"x\ry\"\rc", "1:a\n3:b\n4:x\ry\n6:c\n");
	/* the separator is that of the first line that has one */
	expect("a\tb,c\td\n1\t2\n", "1:a|b,c|d\n2:1|2\n");
	expect("\n\nListe\na;b\n1;2", "3:Liste\n4:a|b\n5:1|2\n");
	expect("\"a,b,c\";d\n1;2", "1:a,b,c|d\n2:1|2\n");
	expect("sep=;\r\na,b;c\r\n", "2:a,b|c\n");
	expect("\xef\xbb\xbfSEP=\t\ra;b\tc", "2:a;b|c\n");
	expect("\"sep=,\"\na;b,c\n", "1:sep=,\n2:a;b|c\n");
	expect("sep=;a\n", "1:sep=|a\n");
	expect("sep", "1:sep\n");
	/* blanks around quotes; quotes inside cells of a clipboard */
	expect("a ; \"b;\" ;c\n", "1:a |b;|c\n");
	expect("a\tJean \"Jo\" B\t\"x\ty\"\n", "1:a|Jean \"Jo\" B|x\ty\n");
	expect("a; \n", "1:a| \n");
}

static void
test_quotes(void **state)
{
	(void)state;
	expect("\"a\",\"b,c\"\n", "1:a|b,c\n");
	expect("\"a\"\"b\",\"\"\n\"\"\"\"", "1:a\"b|\n2:\"\n");
	expect("\"x\r\ny\",2\n3,4\n", "1:x\r\ny|2\n3:3|4\n");
	expect("a\n\"=1+1\",b", "1:a\n2:=1+1|b\n");
	expect("a\n\"b", "1:a\n2!quote");
	expect("a\n\"b\"c\n", "1:a\n2!quote");
	expect("b\"c\n", "1!quote");
	expect("\"", "1!quote");
	expect("\"\"\"", "1!quote");
}

/* Checks how a row with this cell is written. */
static void
expect_row(const char *separator, const char *cell, const char *want)
{
	const char	*cells[] = { cell, NULL, "x" };
	struct buf	 b = { NULL, 0, 0 };

	csv_row(&b, separator, cells, 3);
	assert_string_equal(b.data, want);
	buf_dispose(&b);
}

static void
test_written(void **state)
{
	(void)state;
	expect_row(";", "a;b", "\"a;b\";\"\";\"x\"\r\n");
	expect_row(",", "a,b", "\"a,b\",\"\",\"x\"\r\n");
	expect_row(";", "dit \"oui\"", "\"dit \"\"oui\"\"\";\"\";\"x\"\r\n");
	expect_row(";", "=1+1", "\"'=1+1\";\"\";\"x\"\r\n");
	expect_row(";", "+33", "\"'+33\";\"\";\"x\"\r\n");
	expect_row(";", "-2", "\"'-2\";\"\";\"x\"\r\n");
	expect_row(";", "@A1", "\"'@A1\";\"\";\"x\"\r\n");
	expect_row(";", "\tx", "\"'\tx\";\"\";\"x\"\r\n");
	expect_row(";", "\rx", "\"'\rx\";\"\";\"x\"\r\n");
	expect_row(";", "  =x", "\"  '=x\";\"\";\"x\"\r\n");
	expect_row(";", "1-2", "\"1-2\";\"\";\"x\"\r\n");
	expect_row(";", "", "\"\";\"\";\"x\"\r\n");
	/* no part of a cell begins a formula, whichever separator a reader
	 * uses */
	expect_row(",", "n;=3", "\"n;'=3\",\"\",\"x\"\r\n");
	expect_row(";", "n,-3", "\"n,'-3\";\"\";\"x\"\r\n");
	expect_row(";", "n\t +3", "\"n\t '+3\";\"\";\"x\"\r\n");
	expect_row(";", "n\"@3", "\"n\"\"'@3\";\"\";\"x\"\r\n");
	expect_row(";", "n;=cmd|'/C calc'!A0",
	    "\"n;'=cmd|'/C calc'!A0\";\"\";\"x\"\r\n");
	expect_row(";", "\xc2\xa0=3", "\"\xc2\xa0'=3\";\"\";\"x\"\r\n");
	expect_row(";", "'=3", "\"''=3\";\"\";\"x\"\r\n");
}

/* What csv_row() writes is read as it was. */
static void
test_unguarded(void **state)
{
	static const char *const	 pairs[][2] = {
		{ "'+33 1 / +33 2", "+33 1 / +33 2" }, { "''=1", "'=1" },
		{ "'\t'+1", "\t+1" }, { "a,'-1;'@b", "a,-1;@b" },
		{ "  '=x", "  =x" }, { "'abc", "'abc" }, { "it's", "it's" },
		{ "=1", "=1" }, { "a'=1", "a'=1" }, { "'", "'" }, { "", "" },
	};
	struct arena			 a = { NULL };
	size_t				 i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		assert_string_equal(csv_unguarded(&a, pairs[i][0]),
		    pairs[i][1]);
	arena_dispose(&a);
}

static void
test_control(void **state)
{
	(void)state;
	expect("a\x01\n", "1!control");
	expect("a;\tb\n", "1:a|\tb\n");
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_spreadsheets),
		cmocka_unit_test(test_quotes), cmocka_unit_test(test_written),
		cmocka_unit_test(test_control),
		cmocka_unit_test(test_unguarded),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
