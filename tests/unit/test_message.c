/* Mail messages: headers that nothing can be injected into, and text that
 * decodes to what was written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "net/message.h"

#define NOON	INT64_C(1795521600000)	/* Tuesday 24 November 2026 */

static char *
written(const char *name, const char *subject, const char *text)
{
	struct message	m = { .id = "7", .date_ms = NOON,
			    .from = "onepass@smart.test", .from_name = name,
			    .to = "ada@blue.test", .subject = subject,
			    .text = text };
	struct buf	b = { NULL, 0, 0 };

	message_write(&m, &b);
	assert_int_equal(strlen(b.data), b.len);
	return (b.data);
}

static void
test_whole(void **state)
{
	char	*s = written("Smart \"T\"", "Hello", "One.\n\n.two = 2 \n");

	(void)state;
	assert_string_equal(s,
	    "Date: Tue, 24 Nov 2026 12:00:00 +0000\r\n"
	    "From: \"Smart \\\"T\\\"\" <onepass@smart.test>\r\n"
	    "To: <ada@blue.test>\r\n"
	    "Subject: Hello\r\n"
	    "Message-ID: <7.1795521600000@smart.test>\r\n"
	    "Auto-Submitted: auto-generated\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
	    "One.\r\n\r\n.two =3D 2=20\r\n");
	free(s);
}

/* Decodes the encoded words of a header into out. */
static void
decoded(const char *message, const char *name, char *out)
{
	const char	*at = strstr(message, name), *end, *word;
	size_t		 n = 0, len;

	assert_non_null(at);
	for (end = at; strncmp(end, "\r\n", 2) != 0 || end[2] == ' '; end++)
		continue;
	while ((word = strstr(at, "=?UTF-8?B?")) != NULL && word < end) {
		word += 10;
		at = strstr(word, "?=");
		assert_true(at - word <= 75 - 12);
		assert_int_equal(sodium_base642bin((uint8_t *)out + n, 400 - n,
		    word, (size_t)(at - word), NULL, &len, NULL,
		    sodium_base64_VARIANT_ORIGINAL), 0);
		n += len;
	}
	out[n] = '\0';
}

static void
test_encoded(void **state)
{
	static const char	*const subjects[] = {
		"Créez votre compte", "=?UTF-8?Q?not=20a=20word?=",
		"Le 1er d’une très longue série d’objets, tous accentués, "
		"afin qu’il faille plusieurs mots codés : ééééééééééééé",
		"plain, but longer than what is left in one line of a header",
		"plain, but longer than what is left as it is in any header "
		"field, and so on",
	};
	char			*s, out[401];
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		s = written("Belvédère Télécom", subjects[i], "x\n");
		decoded(s, "From: ", out);
		assert_string_equal(out, "Belvédère Télécom");
		decoded(s, "Subject: ", out);
		assert_string_equal(*out == '\0' ? strstr(s, subjects[i]) :
		    out, *out == '\0' ? strstr(s, subjects[i]) : subjects[i]);
		free(s);
	}
}

static void
test_no_header_of_its_own(void **state)
{
	char	*s, out[401];

	(void)state;
	s = written("A\r\nBcc: all@evil.test", "B\nX-Evil: yes\r\n\r\nbody",
	    "text\n");
	assert_null(strstr(s, "Bcc:"));
	assert_null(strstr(s, "X-Evil"));
	decoded(s, "Subject: ", out);
	assert_string_equal(out, "B X-Evil: yes    body");
	free(s);
}

/* No line is longer than 76 bytes, and the text decodes unchanged. */
static void
test_lines(void **state)
{
	char	 text[2000], back[2000], *s, *line, *p, *to = back;
	size_t	 i;

	(void)state;
	for (i = 0; i < 500; i++)
		memcpy(text + 2 * i, i % 50 == 49 ? " \n" : "é", 2);
	text[1000] = '\0';
	s = written("A", "B", text);
	for (line = s; *line != '\0'; line = strstr(line, "\r\n") + 2)
		assert_true(strstr(line, "\r\n") - line <= 76);
	for (p = strstr(s, "\r\n\r\n") + 4; *p != '\0';) {
		if (strncmp(p, "=\r\n", 3) == 0)
			p += 3;
		else if (*p == '=') {
			*to++ = (char)strtol((char[]){ p[1], p[2], 0 }, NULL,
			    16);
			p += 3;
		} else if (*p == '\r')
			p++;
		else
			*to++ = *p++;
	}
	*to = '\0';
	assert_string_equal(back, text);
	free(s);
}

static void
test_addresses(void **state)
{
	static const char	*const bad[] = { "", "a", "@b", "a@", "a@b@c",
		"a b@c", "a@b\r\nx", "<a@b", "a@b>", "\"a\"@b", "a,b@c",
		"é@b.test" };
	char			 longer[300];
	size_t			 i;

	(void)state;
	assert_true(address_valid("ada+x.y'z@blue.test"));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(address_valid(bad[i]));
	memset(longer, 'a', sizeof(longer));
	memcpy(longer + 253 - 5, "@test", 6);
	assert_true(address_valid(longer));
	memset(longer, 'a', sizeof(longer));
	memcpy(longer + 255 - 5, "@test", 6);
	assert_false(address_valid(longer));
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_encoded),
		cmocka_unit_test(test_no_header_of_its_own),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_addresses),
	};

	if (sodium_init() < 0)
		return (1);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
