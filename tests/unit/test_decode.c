/* Files of accounts as bytes: encodings, and forms with files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/decode.h"
#include "base/multipart.h"
#include "base/normal.h"

#define BYTES(text)	text, sizeof(text) - 1
#define TYPE		"multipart/form-data; boundary=\"x y\""

static void
expect(const char *bytes, size_t n, const char *want)
{
	struct arena	 a = { NULL };
	const char	*text = text_decode(&a, bytes, n);

	if (want == NULL)
		assert_null(text);
	else
		assert_string_equal(text, want);
	arena_dispose(&a);
}

static void
test_encodings(void **state)
{
	(void)state;
	expect(BYTES(""), "");
	expect(BYTES("key;é€"), "key;é€");
	expect(BYTES("\xef\xbb\xbf"
		     "é"),
	    "é");
	expect(BYTES("\xff\xfe"
		     "a\0\xe9\0\xac\x20"),
	    "aé€");
	expect(BYTES("\xfe\xff\0a\0\xe9\x20\xac"), "aé€");
	expect(BYTES("k\0e\0y\0;\0\xe9\0\r\0\n\0"), "key;é\r\n");
	expect(BYTES("\0k\0e\0y\0;\0\xe9\0\r\0\n"), "key;é\r\n");
	expect(BYTES("\xff\xfe\x3d\xd8\x00\xde"), "😀");
	expect(BYTES("\x80 l\x92\xe9t\xe9 \x9c\xff"), "€ l’été œÿ");
}

static void
test_no_text(void **state)
{
	(void)state;
	expect(BYTES("\xff\xfe\x00\xdc"), "\xef\xbf\xbd");
	expect(BYTES("\xff\xfe\x3d\xd8"
		     "a\0"),
	    "\xef\xbf\xbd"
	    "a");
	expect(BYTES("\xff\xfe"
		     "a"),
	    "\xef\xbf\xbd");
	expect(BYTES("a\x81"), "a\xef\xbf\xbd");
	expect(BYTES("\xef\xbb\xbf"
		     "a\xe9"),
	    "\xef\xbf\xbd");
	expect(BYTES("key;a\0;bcdefgh"), NULL);
	expect(BYTES("\xff\xfe\0\0"), NULL);
}

static enum result
parse(struct params *p, struct arena *a, const char *body)
{
	return (multipart_parse(p, a, TYPE, body, strlen(body)));
}

static void
test_form(void **state)
{
	struct arena	 a = { NULL };
	struct params	 p;

	(void)state;
	assert_int_equal(parse(&p, &a,
	    "--x y\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n"
	    "\xc3\xa9\r\n--x\r\n--x y\r\ncontent-type: text/csv\r\n"
	    "content-disposition: form-data; filename=\"a.csv\"; name=file\r\n"
	    "\r\n\xe9\r\n\r\n--x y\r\nContent-Disposition: form-data; "
	    "name=\"csv\"\r\n\r\n\r\n--x y\r\nContent-Disposition: form-data; "
	    "name=none; filename=\"\"\r\n\r\n\r\n--x y--\r\n"), OK);
	assert_int_equal(p.count, 3);
	assert_string_equal(params_get(&p, "csrf"), "é\r\n--x");
	assert_string_equal(params_get(&p, "file"), "é\r\n");
	assert_string_equal(params_get(&p, "csv"), "");
	assert_null(params_get(&p, "none"));
	arena_dispose(&a);
}

static void
test_bad_forms(void **state)
{
	static const char *const	 bad[] = { "", "--x y", "--x y\r\n",
	    "x", "--x y\r\nno-disposition: a\r\n\r\na\r\n--x y--",
	    "--x y\r\nContent-Disposition: form-data\r\n\r\na\r\n--x y--",
	    "--x y\r\nContent-Disposition: form-data; name=a\r\n\r\na\r\n",
	    "--x y\r\nContent-Disposition: form-data; name=a\r\n\r\na\r\n--x y",
	    "--x y\r\nContent-Disposition: form-data; name=a\r\n\r\n\xe9\r\n"
	    "--x y--" };
	struct arena			 a = { NULL };
	struct params			 p;
	size_t				 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse(&p, &a, bad[i]), INVALID);
	assert_int_equal(multipart_parse(&p, &a, "multipart/form-data",
	    BYTES("----")), INVALID);
	arena_dispose(&a);
}

static void
test_normal_forms(void **state)
{
	char	*text;

	(void)state;
	text = text_nfc("E\u0301 \u212b\u00a0");
	assert_string_equal(text, "\u00c9 \u00c5\u00a0");
	free(text);
	text = text_folded("PRE\u0301-NOM_\u00c9\u00a0\ufeff");
	assert_string_equal(text, "prenome");
	free(text);
	assert_null(text_nfc("\xff"));
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_no_text),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_bad_forms),
		cmocka_unit_test(test_normal_forms),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
