/* Checks and conversions of text; see text.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/text.h"

/* Invisible format characters and fillers of Unicode 15. */
static const struct {
	uint32_t	first, last;
} invisible[] = {
	{ 0x00ad, 0x00ad }, { 0x034f, 0x034f }, { 0x061c, 0x061c },
	{ 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f },
	{ 0x200b, 0x200f }, { 0x202a, 0x202e }, { 0x2060, 0x206f },
	{ 0x3164, 0x3164 }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0xe0000, 0xe0fff },
};

static size_t	utf8_sequence(const unsigned char *, size_t);

/* Length of the valid UTF-8 sequence in the n bytes at s, or 0. The bounds of
 * the second byte exclude overlong forms, surrogates and code points above
 * U+10FFFF (RFC 3629 section 4). */
static size_t
utf8_sequence(const unsigned char *s, size_t n)
{
	unsigned char	low, high;
	size_t		i, length;

	if (s[0] < 0x80)
		return (1);
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return (0);
	length = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (length > n)
		return (0);

	low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
	high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
	if (s[1] < low || s[1] > high)
		return (0);
	for (i = 2; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return (0);
	}

	return (length);
}

bool
utf8_valid(const char *s, size_t n)
{
	const unsigned char	*bytes;
	size_t			 i, length;

	bytes = (const unsigned char *)s;
	for (i = 0; i < n; i += length) {
		if ((length = utf8_sequence(bytes + i, n - i)) == 0)
			return (false);
	}

	return (true);
}

size_t
utf8_length(const char *s)
{
	size_t	 n;

	for (n = 0; *s != '\0'; s++) {
		if (((unsigned char)*s & 0xc0) != 0x80)
			n++;
	}

	return (n);
}

size_t
utf8_next(const char *s, uint32_t *code)
{
	const unsigned char	*u = (const unsigned char *)s;
	size_t			 i, n;

	n = u[0] < 0x80 ? 1 : u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
	*code = n == 1 ? u[0] : u[0] & (0x7fu >> n);
	for (i = 1; i < n && (u[i] & 0xc0) == 0x80; i++)
		*code = *code << 6 | (u[i] & 0x3f);

	return (i);
}

bool
text_invisible(uint32_t code)
{
	size_t	 i;

	for (i = 0; i < sizeof(invisible) / sizeof(invisible[0]); i++)
		if (code >= invisible[i].first && code <= invisible[i].last)
			return (true);

	return (false);
}

/* Spaces and line ends of Unicode: the categories Zs, Zl and Zp. */
static bool
space(uint32_t code)
{
	return (code == ' ' || (code >= '\t' && code <= '\r') || code == 0x85 ||
	    code == 0xa0 || code == 0x1680 ||
	    (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
	    code == 0x2029 || code == 0x202f || code == 0x205f ||
	    code == 0x3000);
}

size_t
text_blank(const char *s)
{
	uint32_t	code;
	size_t		n;

	if (*s == '\0')
		return (0);
	n = utf8_next(s, &code);
	return (space(code) || text_invisible(code) ? n : 0);
}

const char *
text_trim(const char *s, size_t *n)
{
	const char	*end, *p;
	uint32_t	 code;
	size_t		 blank;

	while ((blank = text_blank(s)) > 0)
		s += blank;
	for (p = end = s; *p != '\0';)
		if ((blank = text_blank(p)) > 0)
			p += blank;
		else
			end = p += utf8_next(p, &code);
	*n = (size_t)(end - s);
	return (s);
}

bool
text_int64(const char *s, int64_t min, int64_t max, int64_t *out)
{
	const char	*digits;
	char		*end;
	long long	 value;

	digits = s[0] == '-' ? s + 1 : s;
	if (digits[0] < '0' || digits[0] > '9')
		return (false);
	errno = 0;
	value = strtoll(s, &end, 10);
	if (errno != 0 || *end != '\0' || value < min || value > max)
		return (false);
	*out = value;

	return (true);
}

bool
text_same_secret(const char *a, const char *b)
{
	size_t	 n;

	n = strlen(a);
	return (n == strlen(b) && sodium_memcmp(a, b, n) == 0);
}

bool
uuid_valid(const char *s)
{
	size_t	 i;

	for (i = 0; i < 36; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (s[i] != '-')
				return (false);
		} else if ((s[i] < '0' || s[i] > '9') &&
		    (s[i] < 'a' || s[i] > 'f'))
			return (false);
	}

	return (s[36] == '\0');
}

void
hex_encode(const uint8_t *bytes, size_t n, char *out)
{
	static const char	digits[] = "0123456789abcdef";
	size_t			i;

	for (i = 0; i < n; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * n] = '\0';
}
