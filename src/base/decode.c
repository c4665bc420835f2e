/* Decodes text files to UTF-8; see decode.h. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/decode.h"
#include "base/text.h"

#define MARK		"\xef\xbb\xbf"	/* byte order mark, U+FEFF */
#define REPLACEMENT	0xfffd

/* windows-1252 from 0x80 to 0x9f; the rest is as in Unicode. */
static const uint16_t	 windows[32] = {
	0x20ac, REPLACEMENT, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
	0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, REPLACEMENT, 0x017d,
	REPLACEMENT, REPLACEMENT, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
	0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, REPLACEMENT,
	0x017e, 0x0178,
};

static void
put_code(struct buf *b, uint32_t code)
{
	if (code < 0x80)
		buf_putc(b, (char)code);
	else if (code < 0x800) {
		buf_putc(b, (char)(0xc0 | code >> 6));
		buf_putc(b, (char)(0x80 | (code & 0x3f)));
	} else {
		if (code < 0x10000)
			buf_putc(b, (char)(0xe0 | code >> 12));
		else {
			buf_putc(b, (char)(0xf0 | code >> 18));
			buf_putc(b, (char)(0x80 | (code >> 12 & 0x3f)));
		}
		buf_putc(b, (char)(0x80 | (code >> 6 & 0x3f)));
		buf_putc(b, (char)(0x80 | (code & 0x3f)));
	}
}

static uint32_t
unit_at(const uint8_t *p, bool big)
{
	return ((uint32_t)p[big ? 0 : 1] << 8 | p[big ? 1 : 0]);
}

/* Surrogates that are no pair, and half a unit at the end, are no character
 * (RFC 2781 section 2.2). */
static void
put_utf16(struct buf *b, const uint8_t *p, size_t n, bool big)
{
	uint32_t	code, low;

	for (; n >= 2; p += 2, n -= 2) {
		code = unit_at(p, big);
		low = n >= 4 ? unit_at(p + 2, big) : 0;
		if (code >= 0xd800 && code < 0xdc00 && low >= 0xdc00 &&
		    low < 0xe000) {
			code = 0x10000 + ((code - 0xd800) << 10) +
			    (low - 0xdc00);
			p += 2;
			n -= 2;
		} else if (code >= 0xd800 && code < 0xe000)
			code = REPLACEMENT;
		put_code(b, code);
	}
	if (n > 0)
		put_code(b, REPLACEMENT);
}

static void
put_windows(struct buf *b, const uint8_t *p, size_t n)
{
	size_t	i;

	for (i = 0; i < n; i++)
		put_code(b, p[i] >= 0x80 && p[i] < 0xa0 ? windows[p[i] - 0x80] :
		    p[i]);
}

/* Returns whether bytes without a mark are UTF-16: most units have a zero
 * byte at the place of the high one, and hardly any at the other. */
static bool
seems_utf16(const uint8_t *p, size_t n, bool big)
{
	size_t	i, high = 0, low = 0;

	for (i = 0; i + 1 < n; i += 2) {
		high += p[i + (big ? 0 : 1)] == 0;
		low += p[i + (big ? 1 : 0)] == 0;
	}
	return (n >= 4 && high > n / 4 && low < n / 32 + 1);
}

static void
put_decoded(struct buf *b, const uint8_t *p, size_t n)
{
	bool	marked = n >= 3 && memcmp(p, MARK, 3) == 0;

	if (n >= 2 && (memcmp(p, "\xff\xfe", 2) == 0 ||
	    memcmp(p, "\xfe\xff", 2) == 0))
		put_utf16(b, p + 2, n - 2, p[0] == 0xfe);
	else if (seems_utf16(p, n, false) || seems_utf16(p, n, true))
		put_utf16(b, p, n, seems_utf16(p, n, true));
	else if (utf8_valid((const char *)p, n))
		buf_append(b, p + (marked ? 3 : 0), n - (marked ? 3 : 0));
	else if (marked)
		put_code(b, REPLACEMENT);
	else
		put_windows(b, p, n);
}

const char *
text_decode(struct arena *a, const void *bytes, size_t n)
{
	struct buf	 b = { NULL, 0, 0 };
	const char	*text = NULL;

	buf_puts(&b, "");
	put_decoded(&b, bytes, n);
	if (strlen(b.data) == b.len)
		text = arena_strndup(a, b.data, b.len);
	buf_dispose(&b);
	return (text);
}
