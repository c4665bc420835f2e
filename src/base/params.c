/*
 * Pairs of forms and query strings, and the Cookie header. Text that cannot be
 * decoded is an error.
 */
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/params.h"
#include "base/text.h"

static int		 hex_value(char);
static const char	*params_decode(struct arena *, const char *, size_t);
static size_t		 count_pairs(const char *, size_t);
static bool		 cookie_space(char);

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	if (c >= 'a' && c <= 'f')
		return (c - 'a' + 10);
	if (c >= 'A' && c <= 'F')
		return (c - 'A' + 10);
	return (-1);
}

/* Decodes '+' to a space and %XX to a byte. Returns NULL for a bad escape, a
 * NUL or bad UTF-8. */
static const char *
params_decode(struct arena *a, const char *s, size_t n)
{
	char	*out;
	size_t	 i, length;
	int	 high, low;

	out = arena_alloc(a, n + 1);
	length = 0;
	for (i = 0; i < n; i++) {
		if (s[i] != '%') {
			out[length++] = s[i] == '+' ? ' ' : s[i];
			continue;
		}
		if (n - i < 3 || (high = hex_value(s[i + 1])) < 0 ||
		    (low = hex_value(s[i + 2])) < 0)
			return (NULL);
		out[length++] = (char)(high << 4 | low);
		i += 2;
	}
	if (memchr(out, '\0', length) != NULL || !utf8_valid(out, length))
		return (NULL);
	out[length] = '\0';

	return (out);
}

/* Upper bound of the number of pairs, at most PARAMS_MAX. */
static size_t
count_pairs(const char *text, size_t n)
{
	size_t	 i, count;

	count = 1;
	for (i = 0; i < n && count < PARAMS_MAX; i++) {
		if (text[i] == '&')
			count++;
	}

	return (count);
}

enum result
params_parse(struct params *p, struct arena *a, const char *text, size_t n)
{
	const char	*pair, *end, *next, *equals;
	struct param	*one;

	p->count = 0;
	p->list = NULL;
	if (n == 0)
		return (OK);

	p->list = arena_alloc(a, count_pairs(text, n) * sizeof(*p->list));
	end = text + n;
	for (pair = text; pair < end; pair = next + 1) {
		next = memchr(pair, '&', (size_t)(end - pair));
		if (next == NULL)
			next = end;
		if (next == pair)
			continue;
		if (p->count == PARAMS_MAX)
			return (INVALID);
		equals = memchr(pair, '=', (size_t)(next - pair));
		if (equals == NULL)
			equals = next;

		one = &p->list[p->count];
		one->name = params_decode(a, pair, (size_t)(equals - pair));
		one->value = equals == next ? "" :
		    params_decode(a, equals + 1, (size_t)(next - equals - 1));
		if (one->name == NULL || one->value == NULL)
			return (INVALID);
		p->count++;
	}

	return (OK);
}

const char *
params_get(const struct params *p, const char *name)
{
	size_t	 i;

	for (i = 0; i < p->count; i++) {
		if (strcmp(p->list[i].name, name) == 0)
			return (p->list[i].value);
	}

	return (NULL);
}

bool
params_has(const struct params *p, const char *name, const char *value)
{
	size_t	 i;

	for (i = 0; i < p->count; i++)
		if (strcmp(p->list[i].name, name) == 0 &&
		    strcmp(p->list[i].value, value) == 0)
			return (true);
	return (false);
}

/* Encodes all but the unreserved characters (RFC 3986 section 2.3). */
void
params_encode_value(struct buf *out, const char *value)
{
	static const char	 plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (; *value != '\0'; value++) {
		if (strchr(plain, *value) != NULL)
			buf_putc(out, *value);
		else
			buf_printf(out, "%%%02X",
			    (unsigned)(unsigned char)*value);
	}
}

static void
params_link_add(struct buf *link, const char *name, const char *value)
{
	if (value == NULL || *value == '\0')
		return;
	buf_printf(link, "%c%s=", strchr(link->data, '?') == NULL ? '?' : '&',
	    name);
	params_encode_value(link, value);
}

char *
params_link(struct arena *a, const char *path, const struct params *p,
    const char *const *names, const char *after)
{
	struct buf	 link = { NULL, 0, 0 };
	char		*text;

	buf_puts(&link, path);
	for (; *names != NULL; names++)
		params_link_add(&link, *names, params_get(p, *names));
	params_link_add(&link, "after", after);
	text = arena_strdup(a, link.data);
	buf_dispose(&link);
	return (text);
}

static bool
cookie_space(char c)
{
	return (c == ' ' || c == '\t');
}

const char *
cookie_get(struct arena *a, const char *header, const char *name)
{
	const char	*s, *end;
	size_t		 n;

	n = strlen(name);
	for (s = header; s != NULL; s = *end == ';' ? end + 1 : NULL) {
		end = s + strcspn(s, ";");
		while (cookie_space(*s))
			s++;
		if ((size_t)(end - s) <= n || s[n] != '=' ||
		    memcmp(s, name, n) != 0)
			continue;
		s += n + 1;
		for (n = (size_t)(end - s); n > 0; n--) {
			if (!cookie_space(s[n - 1]))
				break;
		}
		return (arena_strndup(a, s, n));
	}

	return (NULL);
}
