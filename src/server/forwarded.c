/*
 * See forwarded.h. Both readers go from left to right: an untrusted address
 * replaces the client found so far, and a trusted one is the client only while
 * there is none.
 */
#include <string.h>
#include <strings.h>

#include "server/forwarded.h"
#include "server/gate_parse.h"

#define NODE_MAX	64	/* bytes of an address with port */

struct cursor {
	const char	*p, *end;
};

/* Reads "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]" or
 * "[2001:db8::1]:80". */
static bool
node_parse(const char *s, size_t n, struct ip *ip)
{
	const char	*end;

	if (n > 0 && s[0] == '[') {
		if ((end = memchr(s, ']', n)) == NULL)
			return (false);
		if (end + 1 < s + n && end[1] != ':')
			return (false);
		return (memchr(s, ':', (size_t)(end - s)) != NULL &&
		    ip_parse(s + 1, (size_t)(end - s) - 1, ip));
	}
	end = memchr(s, ':', n);
	if (end != NULL && memchr(end + 1, ':', (size_t)(s + n - end) - 1) ==
	    NULL)
		n = (size_t)(end - s);
	return (ip_parse(s, n, ip));
}

/* Takes the next address of the list. */
static void
forwarded_add(struct forwarded *f, const struct ip_networks *trusted,
    const char *s, size_t n)
{
	struct ip	ip;

	if (!node_parse(s, n, &ip)) {
		f->known = false;
		return;
	}
	if (!f->known || !ip_networks_have(trusted, &ip))
		f->ip = ip;
	f->known = true;
}

static bool
is_blank(char c)
{
	return (c == ' ' || c == '\t');
}

static void
skip_blanks(struct cursor *c)
{
	while (c->p < c->end && is_blank(*c->p))
		c->p++;
}

static size_t
token_length(const struct cursor *c)
{
	size_t	n = 0;

	while (c->p + n < c->end && gate_token(c->p + n, 1))
		n++;
	return (n);
}

/* Reads a quoted string (RFC 9110 section 5.6.4). out has NODE_MAX bytes; a
 * longer text is truncated, as it is no address. */
static bool
quoted_read(struct cursor *c, char *out, size_t *n)
{
	for (*n = 0, c->p++; c->p < c->end && *c->p != '"'; c->p++) {
		if (*c->p == '\\' && ++c->p == c->end)
			return (false);
		if (*n < NODE_MAX)
			out[(*n)++] = *c->p;
	}
	if (c->p == c->end)
		return (false);
	c->p++;
	return (true);
}

/* Reads "name=value". */
static bool
pair_read(struct cursor *c, bool *is_for, char *value, size_t *n)
{
	size_t	length = token_length(c);

	*is_for = length == 3 && strncasecmp(c->p, "for", 3) == 0;
	if (length == 0 || c->p + length == c->end || c->p[length] != '=')
		return (false);
	c->p += length + 1;
	if (c->p < c->end && *c->p == '"')
		return (quoted_read(c, value, n));
	if ((length = token_length(c)) == 0)
		return (false);
	*n = length < NODE_MAX ? length : NODE_MAX;
	memcpy(value, c->p, *n);
	c->p += length;
	return (true);
}

/* Reads "name=value;name=value" up to the comma or the end. */
static bool
element_read(struct cursor *c, char *node, size_t *n)
{
	char	value[NODE_MAX];
	size_t	length;
	bool	is_for, seen = false;

	for (*n = 0;; c->p++, skip_blanks(c)) {
		if (!pair_read(c, &is_for, value, &length) ||
		    (is_for && seen))
			return (false);
		if (is_for) {
			memcpy(node, value, length);
			*n = length;
			seen = true;
		}
		skip_blanks(c);
		if (c->p == c->end || *c->p == ',')
			return (true);
		if (*c->p != ';')
			return (false);
	}
}

bool
forwarded_read(struct forwarded *f, const struct ip_networks *trusted,
    const char *value, size_t n)
{
	struct cursor	c = { value, value + n };
	char		node[NODE_MAX];
	size_t		length;

	for (;; c.p++) {
		skip_blanks(&c);
		if (c.p < c.end && *c.p != ',') {
			if (!element_read(&c, node, &length))
				return (false);
			forwarded_add(f, trusted, node, length);
		}
		if (c.p == c.end)
			return (true);
	}
}

void
forwarded_for_read(struct forwarded *f, const struct ip_networks *trusted,
    const char *value, size_t n)
{
	const char	*p = value, *end = value + n, *comma, *last;

	for (; p <= end; p = comma + 1) {
		comma = memchr(p, ',', (size_t)(end - p));
		if (comma == NULL)
			comma = end;
		while (p < comma && is_blank(*p))
			p++;
		for (last = comma; last > p && is_blank(last[-1]); last--)
			;
		if (last > p)
			forwarded_add(f, trusted, p, (size_t)(last - p));
	}
}
