/* Writes an e-mail message; see message.h. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/message.h"

#define WORD_BYTES	45	/* =?UTF-8?B?60 characters?=: 72 of max. 75 */
#define PLAIN_MAX	60	/* bytes of a header text without encoding */
#define LINE_MAX_CHARS	76	/* quoted-printable, RFC 2045 section 6.7 */
#define ADDRESS_MAX	254

bool
address_valid(const char *address)
{
	const char	*at = strchr(address, '@'), *p;

	for (p = address; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~' || strchr("()<>[]:;,\\\"", *p))
			return (false);
	return (at != NULL && at != address && at[1] != '\0' &&
	    strchr(at + 1, '@') == NULL && p - address <= ADDRESS_MAX);
}

/* Returns whether s is one line of printable ASCII without an encoded word. */
static bool
is_plain(const char *s)
{
	size_t	i;

	for (i = 0; s[i] != '\0'; i++)
		if (s[i] < ' ' || s[i] > '~')
			return (false);
	return (i <= PLAIN_MAX && strstr(s, "=?") == NULL);
}

/* Writes n bytes as an encoded word (RFC 2047 section 2). */
static void
put_word(struct buf *out, const char *s, size_t n)
{
	char	clean[WORD_BYTES], text[sodium_base64_ENCODED_LEN(WORD_BYTES,
		    sodium_base64_VARIANT_ORIGINAL)];
	size_t	i;

	for (i = 0; i < n; i++)
		clean[i] = (unsigned char)s[i] < ' ' || s[i] == 0x7f ? ' ' :
		    s[i];
	sodium_bin2base64(text, sizeof(text), (const uint8_t *)clean, n,
	    sodium_base64_VARIANT_ORIGINAL);
	buf_printf(out, "=?UTF-8?B?%s?=", text);
}

/* Writes encoded words of whole characters, one per line. */
static void
put_words(struct buf *out, const char *s)
{
	uint32_t	 code;
	size_t		 n = 0, next;

	while (s[n] != '\0') {
		next = utf8_next(s + n, &code);
		if (n + next > WORD_BYTES) {
			put_word(out, s, n);
			buf_puts(out, "\r\n ");
			s += n;
			n = 0;
		}
		n += next;
	}
	put_word(out, s, n);
}

static void
put_subject(struct buf *out, const char *s)
{
	buf_puts(out, "Subject: ");
	if (is_plain(s))
		buf_puts(out, s);
	else
		put_words(out, s);
	buf_puts(out, "\r\n");
}

/* Writes the name as a quoted string (RFC 5322 section 3.2.4) or encoded. */
static void
put_from(struct buf *out, const char *name, const char *address)
{
	buf_puts(out, "From: ");
	if (is_plain(name)) {
		buf_putc(out, '"');
		for (; *name != '\0'; name++) {
			if (*name == '"' || *name == '\\')
				buf_putc(out, '\\');
			buf_putc(out, *name);
		}
		buf_putc(out, '"');
	} else
		put_words(out, name);
	buf_printf(out, " <%s>\r\n", address);
}

static void
put_date(struct buf *out, int64_t ms)
{
	static const char	days[] = "SunMonTueWedThuFriSat";
	static const char	months[] =
				    "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct civil		when = clock_civil(ms / 1000);

	buf_printf(out, "Date: %.3s, %d %.3s %d %02d:%02d:%02d +0000\r\n",
	    days + 3 * (size_t)when.weekday, when.day,
	    months + 3 * (size_t)(when.month - 1), when.year, when.hour,
	    when.minute, when.second);
}

/* Writes a line in quoted-printable (RFC 2045 section 6.7); s has no line
 * end. */
static void
put_line(struct buf *out, const char *s, size_t n)
{
	size_t	column = 0, i, width;
	bool	literal;

	for (i = 0; i < n; i++) {
		literal = (s[i] > ' ' && s[i] <= '~' && s[i] != '=') ||
		    (s[i] == ' ' && i + 1 < n);
		width = literal ? 1 : 3;
		if (column + width > LINE_MAX_CHARS - 1) {
			buf_puts(out, "=\r\n");
			column = 0;
		}
		column += width;
		if (literal)
			buf_putc(out, s[i]);
		else
			buf_printf(out, "=%02X", (unsigned char)s[i]);
	}
	buf_puts(out, "\r\n");
}

void
message_write(const struct message *m, struct buf *out)
{
	const char	*s;
	size_t		 n;

	put_date(out, m->date_ms);
	put_from(out, m->from_name, m->from);
	buf_printf(out, "To: <%s>\r\n", m->to);
	put_subject(out, m->subject);
	buf_printf(out, "Message-ID: <%s.%lld%s>\r\n", m->id,
	    (long long)m->date_ms, strchr(m->from, '@'));
	/* RFC 3834 section 5: prevents automatic replies */
	buf_puts(out, "Auto-Submitted: auto-generated\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	for (s = m->text; *s != '\0'; s += n + (s[n] == '\n')) {
		n = strcspn(s, "\n");
		put_line(out, s, n);
	}
}
