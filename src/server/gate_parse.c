/*
 * See gate_parse.h. First finds the end of the head and checks its bytes. Then
 * reads the request line and each header line, which it keeps, merges or
 * drops.
 */
#include <string.h>
#include <strings.h>

#include "server/gate_parse.h"

#define COOKIES_MAX	8	/* Cookie lines; HTTP/2 proxies split it */
#define HOST_MAX	200	/* below Kore's KORE_DOMAINNAME_LEN */
#define LENGTH_DIGITS	15
#define ID_MIN		8	/* bytes of an X-Request-Id */

enum { ONCE, LIST };

/* Header fields that Kore receives besides Host, Cookie and Connection. Kore
 * silently drops more than 24 lines. A second line of a LIST field is dropped;
 * a second line of a ONCE field makes the request invalid. */
static const struct {
	const char	*name;
	int		 kind;
} kept[] = {
	{ "accept", LIST },
	{ "accept-encoding", LIST },
	{ "accept-language", LIST },
	{ "authorization", ONCE },
	{ "content-length", ONCE },
	{ "content-type", ONCE },
	{ "idempotency-key", ONCE },
	{ "if-match", LIST },
	{ "if-modified-since", ONCE },
	{ "if-none-match", LIST },
	{ "if-range", ONCE },
	{ "last-event-id", ONCE },
	{ "origin", ONCE },
	{ "range", ONCE },
	{ "sec-fetch-site", ONCE },
	{ "user-agent", ONCE },
	{ "x-csrf-token", ONCE },
};
#define KEPT	(sizeof(kept) / sizeof(kept[0]))
_Static_assert(KEPT <= 20, "Kore would drop header lines");

struct parse {
	struct gate_head	*head;
	char			*out;
	size_t			 cap, used;
	bool			 full;		/* out is too small */
	bool			 proxied;
	bool			 bodiless;	/* method without body */
	bool			 old;		/* HTTP/1.0 */
	bool			 length_seen, close;
	uint32_t		 seen;		/* bit i: kept[i] */
	struct gate_text		 cookies[COOKIES_MAX];
	size_t			 cookie_count;
};

static bool
is_digit(char c)
{
	return (c >= '0' && c <= '9');
}

static bool
is_alpha(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
}

static bool
is_hex(char c)
{
	return (is_digit(c) || (c >= 'a' && c <= 'f') ||
	    (c >= 'A' && c <= 'F'));
}

static bool
is_control(char c)
{
	return ((unsigned char)c < ' ' || c == 0x7f);
}

static bool
is_ascii(char c)
{
	return ((unsigned char)c < 0x80);
}

bool
gate_token(const char *s, size_t n)
{
	size_t	i;

	for (i = 0; i < n; i++)
		if (!is_alpha(s[i]) && !is_digit(s[i]) && (s[i] == '\0' ||
		    strchr("!#$%&'*+-.^_`|~", s[i]) == NULL))
			return (false);
	return (n > 0);
}

static bool
text_is(struct gate_text t, const char *word)
{
	return (t.n == strlen(word) && strncasecmp(t.s, word, t.n) == 0);
}

static void
head_put(struct parse *p, const char *s, size_t n)
{
	if (p->full || n > p->cap - p->used) {
		p->full = true;
		return;
	}
	memcpy(p->out + p->used, s, n);
	p->used += n;
}

static void
head_put_text(struct parse *p, const char *s)
{
	head_put(p, s, strlen(s));
}

/* Writes a value as Kore accepts it: in ASCII, without tabs. */
static void
head_put_value(struct parse *p, struct gate_text v)
{
	size_t	i;
	char	c;

	for (i = 0; i < v.n; i++) {
		c = v.s[i];
		if (c == '\t')
			c = ' ';
		else if (!is_ascii(c))
			c = '?';
		head_put(p, &c, 1);
	}
}

/* Finds the empty line, and rejects bytes that are invalid in a head. */
static int
head_find(const char *in, size_t len, size_t *head_len)
{
	size_t	i;

	for (i = 0; i < len; i++) {
		if (in[i] == '\r') {
			if (i + 1 == len)
				break;
			if (in[++i] != '\n')
				return (400);
			if (i + 1 < len && (in[i + 1] == ' ' ||
			    in[i + 1] == '\t'))
				return (400);	/* folded line */
			if (i + 2 < len && in[i + 1] == '\r' &&
			    in[i + 2] == '\n') {
				*head_len = i + 3;
				return (*head_len > GATE_HEAD_MAX ? 431 :
				    GATE_OK);
			}
		} else if (is_control(in[i]) && in[i] != '\t') {
			return (400);
		}
	}
	return (len >= GATE_HEAD_MAX ? 431 : GATE_MORE);
}

/* Checks the method before the line is complete, so that another protocol is
 * rejected at once and not by a timeout. */
static int
method_start(const char *in, size_t len)
{
	size_t	i;

	for (i = 0; i < len && in[i] != ' '; i++) {
		if (i == sizeof(((struct gate_head *)NULL)->method) - 1)
			return (501);
		if (in[i] < 'A' || in[i] > 'Z')
			return (400);
	}
	return (GATE_OK);
}

static int
method_read(struct parse *p, struct gate_text method)
{
	static const char *const	bodiless[] = {
		"GET", "HEAD", "DELETE", "OPTIONS"
	}, *const			bodied[] = { "POST", "PUT", "PATCH" };
	size_t				i;

	if (method.n == 0)
		return (400);
	if (method.n >= sizeof(p->head->method))
		return (501);
	memcpy(p->head->method, method.s, method.n);
	for (i = 0; i < sizeof(bodiless) / sizeof(bodiless[0]); i++)
		if (strcmp(p->head->method, bodiless[i]) == 0) {
			p->bodiless = true;
			return (GATE_OK);
		}
	for (i = 0; i < sizeof(bodied) / sizeof(bodied[0]); i++)
		if (strcmp(p->head->method, bodied[i]) == 0)
			return (GATE_OK);
	return (501);
}

/* Accepts the origin form only (RFC 9112 section 3.2.1). */
static int
target_check(struct gate_text t)
{
	size_t	i;

	if (t.n == 0)
		return (400);
	if (t.n > GATE_TARGET_MAX)
		return (414);
	if (t.s[0] != '/')
		return (400);
	for (i = 0; i < t.n; i++) {
		if (is_control(t.s[i]) || !is_ascii(t.s[i]) ||
		    strchr(" #\"<>\\", t.s[i]) != NULL)
			return (400);
		if (t.s[i] == '%' && (t.n - i < 3 || !is_hex(t.s[i + 1]) ||
		    !is_hex(t.s[i + 2]) ||
		    (t.s[i + 1] == '0' && t.s[i + 2] == '0')))
			return (400);
	}
	return (GATE_OK);
}

static int
request_line(struct parse *p, struct gate_text line)
{
	struct gate_text	 method, target;
	const char	*space, *version;
	int		 status;

	if ((space = memchr(line.s, ' ', line.n)) == NULL)
		return (400);
	method.s = line.s;
	method.n = (size_t)(space - line.s);
	if ((status = method_read(p, method)) != GATE_OK)
		return (status);
	target.s = space + 1;
	target.n = line.n - method.n - 1;
	if ((space = memchr(target.s, ' ', target.n)) == NULL)
		return (400);
	version = space + 1;
	target.n = (size_t)(space - target.s);
	if ((status = target_check(target)) != GATE_OK)
		return (status);
	p->head->target = target.s;
	p->head->target_len = target.n;
	if (line.s + line.n - version != 8 ||
	    memcmp(version, "HTTP/1.", 7) != 0)
		return (400);
	if (version[7] != '0' && version[7] != '1')
		return (505);
	p->old = version[7] == '0';
	if (p->old && strcmp(p->head->method, "GET") != 0 &&
	    strcmp(p->head->method, "HEAD") != 0 &&
	    strcmp(p->head->method, "POST") != 0)
		return (400);
	head_put(p, line.s, line.n);
	head_put_text(p, "\r\n");
	return (GATE_OK);
}

/* Length of the name or IPv6 literal at the start of t (RFC 3986 section
 * 3.2.2). Returns 0 when it is malformed or ends with a dot, as it would match
 * no host of an operator. */
static size_t
host_name(struct gate_text t)
{
	size_t	i;

	if (t.s[0] == '[') {
		for (i = 1; i < t.n && t.s[i] != ']'; i++)
			if (!is_hex(t.s[i]) && t.s[i] != ':' && t.s[i] != '.')
				return (0);
		return (i < t.n && i >= 3 ? i + 1 : 0);
	}
	if (t.s[0] == '.' || t.s[0] == '-')
		return (0);
	for (i = 0; i < t.n && t.s[i] != ':'; i++)
		if (!is_digit(t.s[i]) && !is_alpha(t.s[i]) && t.s[i] != '-' &&
		    t.s[i] != '.')
			return (0);
	return (i > 0 && t.s[i - 1] == '.' ? 0 : i);
}

static int
host_read(struct parse *p, struct gate_text v)
{
	size_t	i;

	if (p->head->host != NULL || v.n == 0 || v.n > HOST_MAX)
		return (400);
	if ((i = host_name(v)) == 0)
		return (400);
	if (i < v.n) {
		if (v.s[i++] != ':' || i == v.n || v.n - i > 5)
			return (400);
		for (; i < v.n; i++)
			if (!is_digit(v.s[i]))
				return (400);
	}
	p->head->host = v.s;
	p->head->host_len = v.n;
	return (GATE_OK);
}

static int
length_read(struct parse *p, struct gate_text v)
{
	size_t	i;

	if (p->length_seen || v.n == 0 || v.n > LENGTH_DIGITS)
		return (400);
	p->length_seen = true;
	for (i = 0; i < v.n; i++) {
		if (!is_digit(v.s[i]))
			return (400);
		p->head->body_len = p->head->body_len * 10 +
		    (uint64_t)(v.s[i] - '0');
	}
	return (p->bodiless && p->head->body_len > 0 ? 400 : GATE_OK);
}

/* Returns whether the list in Connection contains "close". Its other options
 * are ignored. */
static bool
says_close(struct gate_text v)
{
	size_t	i, start;

	for (i = 0; i < v.n; i++) {
		while (i < v.n && (v.s[i] == ' ' || v.s[i] == ',' ||
		    v.s[i] == '\t'))
			i++;
		start = i;
		while (i < v.n && v.s[i] != ',' && v.s[i] != ' ' &&
		    v.s[i] != '\t')
			i++;
		if (text_is((struct gate_text){ v.s + start, i - start },
		    "close"))
			return (true);
	}
	return (false);
}

/* Accepts "chunked" from a trusted proxy only. */
static int
encoding_read(struct parse *p, struct gate_text v)
{
	if (!p->proxied || !text_is(v, "chunked"))
		return (501);
	if (p->old || p->bodiless || p->head->chunked)
		return (400);
	p->head->chunked = true;
	return (GATE_OK);
}

/* Keeps a valid request id; of several, the first one. */
static void
id_read(struct parse *p, struct gate_text v)
{
	size_t	i;

	if (v.n < ID_MIN || v.n > GATE_ID_MAX || p->head->request_id[0] != '\0')
		return;
	for (i = 0; i < v.n; i++)
		if (!is_digit(v.s[i]) && !is_alpha(v.s[i]) && v.s[i] != '-')
			return;
	memcpy(p->head->request_id, v.s, v.n);
}

static void
forwarding_keep(struct parse *p, struct gate_text v, bool legacy)
{
	size_t	i = p->head->forwarding_count++;

	if (i < GATE_FORWARDING_MAX) {
		p->head->forwarding[i].value = v;
		p->head->forwarding[i].legacy = legacy;
	}
}

/* Handles the fields of proxies. Returns whether it is one of them. */
static bool
proxy_line(struct parse *p, struct gate_text name, struct gate_text v)
{
	if (text_is(name, "forwarded"))
		forwarding_keep(p, v, false);
	else if (text_is(name, "x-forwarded-for"))
		forwarding_keep(p, v, true);
	else if (text_is(name, "x-request-id"))
		id_read(p, v);
	else
		return (false);
	return (true);
}

/* Handles the fields that the gate itself uses. Returns -1 for another one. */
static int
special_line(struct parse *p, struct gate_text name, struct gate_text v)
{
	if (text_is(name, "host"))
		return (host_read(p, v));
	if (text_is(name, "transfer-encoding"))
		return (encoding_read(p, v));
	if (text_is(name, "expect")) {
		if (p->old || !text_is(v, "100-continue"))
			return (417);
		p->head->expect = true;
		return (GATE_OK);
	}
	if (text_is(name, "connection")) {
		p->close = p->close || says_close(v);
		return (GATE_OK);
	}
	if (text_is(name, "cookie")) {
		if (p->cookie_count == COOKIES_MAX)
			return (431);
		if (v.n > 0)
			p->cookies[p->cookie_count++] = v;
		return (GATE_OK);
	}
	return (proxy_line(p, name, v) ? GATE_OK : -1);
}

static int
header_line(struct parse *p, struct gate_text line)
{
	struct gate_text	 name, v;
	const char	*colon;
	size_t		 i;
	int		 status;

	if ((colon = memchr(line.s, ':', line.n)) == NULL)
		return (400);
	name.s = line.s;
	name.n = (size_t)(colon - line.s);
	if (!gate_token(name.s, name.n))
		return (400);
	v.s = colon + 1;
	v.n = line.n - name.n - 1;
	while (v.n > 0 && (v.s[0] == ' ' || v.s[0] == '\t')) {
		v.s++;
		v.n--;
	}
	while (v.n > 0 && (v.s[v.n - 1] == ' ' || v.s[v.n - 1] == '\t'))
		v.n--;
	if ((status = special_line(p, name, v)) != -1)
		return (status);
	for (i = 0; i < KEPT && !text_is(name, kept[i].name); i++)
		;
	if (i == KEPT)
		return (GATE_OK);
	if (strcmp(kept[i].name, "content-length") == 0 &&
	    (status = length_read(p, v)) != GATE_OK)
		return (status);
	if (p->seen & (1u << i))
		return (kept[i].kind == LIST ? GATE_OK : 400);
	p->seen |= 1u << i;
	if (v.n > 0 && !(p->bodiless && strncmp(kept[i].name, "content-",
	    8) == 0)) {
		head_put_text(p, kept[i].name);
		head_put_text(p, ": ");
		head_put_value(p, v);
		head_put_text(p, "\r\n");
	}
	return (GATE_OK);
}

static int
head_finish(struct parse *p)
{
	size_t	i;

	if (p->head->host == NULL)
		return (400);
	if (p->length_seen && p->head->chunked)
		return (400);
	if (!p->bodiless && !p->length_seen && !p->head->chunked)
		return (411);
	head_put_text(p, "host: ");
	head_put(p, p->head->host, p->head->host_len);
	head_put_text(p, "\r\n");
	for (i = 0; i < p->cookie_count; i++) {
		head_put_text(p, i == 0 ? "cookie: " : "; ");
		head_put_value(p, p->cookies[i]);
	}
	if (p->cookie_count > 0)
		head_put_text(p, "\r\n");
	if (p->close)
		head_put_text(p, "connection: close\r\n");
	head_put_text(p, "\r\n");
	p->head->out_len = p->used;
	return (p->full ? 431 : GATE_OK);
}

int
gate_parse(const char *in, size_t len, bool proxied, char *out, size_t cap,
    struct gate_head *h)
{
	struct parse	 p = { .head = h, .out = out, .cap = cap,
			    .proxied = proxied };
	struct gate_text	 line;
	const char	*end;
	size_t		 lines = 0;
	int		 status;

	memset(h, 0, sizeof(*h));
	if (len == 0)
		return (GATE_MORE);
	if ((status = method_start(in, len)) != GATE_OK ||
	    (status = head_find(in, len, &h->in_len)) != GATE_OK)
		return (status);
	end = in + h->in_len - 2;	/* without the empty line */
	for (line.s = in; line.s < end; line.s += line.n + 2) {
		line.n = (size_t)((const char *)memchr(line.s, '\r',
		    (size_t)(end - line.s)) - line.s);
		if (lines++ > GATE_LINES_MAX)
			return (431);
		status = line.s == in ? request_line(&p, line) :
		    header_line(&p, line);
		if (status != GATE_OK)
			return (status);
	}
	return (head_finish(&p));
}
