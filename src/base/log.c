/* The lines of the log, see log.h. */
#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#define VALUE_MAX	1024
#define ROOM		(LOG_LINE_MAX - 8)	/* before …, ", } and \n */
#define CUT		"…"

enum kind { BARE, QUOTED, NUMBER };

/* The value of a field, formatted but not escaped. */
struct value {
	size_t		 n;
	bool		 cut;
	enum kind	 kind;
	char		 text[VALUE_MAX];
};

struct log_args {
	va_list	 list;
};

static const struct {
	const char	*name;
	int		 priority;	/* RFC 5424, section 6.2.1 */
} levels[] = {
	[LEVEL_INFO] = { "info", 6 },
	[LEVEL_WARN] = { "warn", 4 },
	[LEVEL_ERROR] = { "error", 3 },
	[LEVEL_FATAL] = { "fatal", 2 },
};

static int	descriptor = STDERR_FILENO;
static bool	json, journal;

/* --- escaping ------------------------------------------------------------- */

/* Length of the valid UTF-8 sequence at the start of n bytes, or 0. */
static size_t
sequence(const char *s, size_t n)
{
	unsigned char	c = (unsigned char)*s;
	size_t		k;

	k = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	return (k <= n && utf8_valid(s, k) ? k : 0);
}

/*
 * Escapes the k bytes of a sequence; 0: one byte that is no UTF-8. Control
 * characters, also C1 (U+0080 to U+009F), are escaped, so that a text cannot
 * forge a line or send commands to a terminal. Returns the length.
 */
static size_t
escape(const char *s, size_t k, char out[16])
{
	unsigned char	c = (unsigned char)s[0], d;
	bool		c1 = k == 2 && c == 0xc2 && (unsigned char)s[1] < 0xa0;

	d = c1 ? (unsigned char)s[1] : c;
	if (k == 1 && (c == '"' || c == '\\'))
		return ((size_t)snprintf(out, 16, "\\%c", c));
	if (k == 0 || c1 || c < 0x20 || c == 0x7f) {
		if (json)
			return ((size_t)snprintf(out, 16, "\\u%04x",
			    k == 0 ? 0xfffdU : d));
		return ((size_t)snprintf(out, 16, c1 ? "\\xc2\\x%02x" :
		    "\\x%02x", d));
	}
	memcpy(out, s, k);
	return (k);
}

/* Returns whether the text needs quotes in a line of text. */
static bool
needs_quotes(const char *s, size_t n)
{
	unsigned char	c;
	size_t		i;

	for (i = 0; i < n; i++) {
		c = (unsigned char)s[i];
		if (c <= ' ' || c >= 0x7f || strchr("\"\\=", c) != NULL)
			return (true);
	}
	return (n == 0);
}

/* --- a line --------------------------------------------------------------- */

static void
line_add(struct log_line *l, const char *s, size_t n)
{
	memcpy(l->text + l->len, s, n);
	l->len += n;
}

static void
line_value(struct log_line *l, const struct value *v)
{
	bool	 quotes = json ? v->kind != NUMBER :
		    v->kind == QUOTED || needs_quotes(v->text, v->n);
	char	 out[16];
	size_t	 i, k, n;

	if (quotes)
		line_add(l, "\"", 1);
	for (i = 0; i < v->n && !l->full; i += k == 0 ? 1 : k) {
		k = sequence(v->text + i, v->n - i);
		n = escape(v->text + i, k, out);
		if (l->len + n > ROOM)
			l->full = true;
		else
			line_add(l, out, n);
	}
	if (l->full || v->cut)
		line_add(l, CUT, strlen(CUT));
	if (quotes)
		line_add(l, "\"", 1);
}

static void
line_field(struct log_line *l, const char *key, size_t n,
    const struct value *v)
{
	/* A key, its punctuation and a number fit, or are dropped. */
	if (l->full || l->len + n + 32 > ROOM) {
		l->full = true;
		return;
	}
	if (l->fields++ > 0)
		line_add(l, json ? "," : " ", 1);
	if (json)
		line_add(l, "\"", 1);
	line_add(l, key, n);
	line_add(l, json ? "\":" : "=", json ? 2 : 1);
	line_value(l, v);
}

static void
value_set(struct value *v, enum kind kind, const char *text)
{
	int	n;

	n = snprintf(v->text, sizeof(v->text), "%s", text);
	v->cut = n >= (int)sizeof(v->text);
	v->n = v->cut ? sizeof(v->text) - 1 : (size_t)n;
	v->kind = kind;
}

static void
line_begin(struct log_line *l, enum log_level level)
{
	struct value	v;
	char		date[25];
	int		n = 0;

	l->fields = 0;
	l->full = false;
	if (journal)
		n = sprintf(l->text, "<%d>", levels[level].priority);
	clock_format_utc(clock_now_ms(), date);
	if (!json) {
		n += sprintf(l->text + n, "%s%s%s ", journal ? "" : date,
		    journal ? "" : " ", levels[level].name);
		l->len = (size_t)n;
		return;
	}
	l->text[n] = '{';
	l->len = (size_t)n + 1;
	if (!journal) {
		value_set(&v, QUOTED, date);
		line_field(l, "time", 4, &v);
	}
	value_set(&v, QUOTED, levels[level].name);
	line_field(l, "level", 5, &v);
}

void
log_begin(struct log_line *l, enum log_level level, const char *event)
{
	line_begin(l, level);
	log_text(l, "event", event);
}

void
log_text(struct log_line *l, const char *key, const char *value)
{
	struct value	v;

	value_set(&v, BARE, value);
	line_field(l, key, strlen(key), &v);
}

void
log_number(struct log_line *l, const char *key, int64_t number)
{
	struct value	v;
	char		text[24];

	snprintf(text, sizeof(text), "%lld", (long long)number);
	value_set(&v, NUMBER, text);
	line_field(l, key, strlen(key), &v);
}

void
log_duration(struct log_line *l, const char *key, int64_t us)
{
	struct value	v;
	char		text[32];

	snprintf(text, sizeof(text), "%lld.%lld", (long long)(us / 1000),
	    (long long)(us / 100 % 10));
	value_set(&v, NUMBER, text);
	line_field(l, key, strlen(key), &v);
}

void
log_end(struct log_line *l)
{
	ssize_t	written;

	if (json)
		line_add(l, "}", 1);
	line_add(l, "\n", 1);
	/* An error here cannot be reported. */
	written = write(descriptor, l->text, l->len);
	(void)written;
}

/* --- formats -------------------------------------------------------------- */

/* Formats an integer of the size of int, long (1), long long (2) or size_t
 * (3). */
static int
convert_integer(char *out, size_t cap, const char *spec, int size,
    struct log_args *a)
{
	switch (size) {
	case 0:
		return (snprintf(out, cap, spec, va_arg(a->list, int)));
	case 1:
		return (snprintf(out, cap, spec, va_arg(a->list, long)));
	case 2:
		return (snprintf(out, cap, spec, va_arg(a->list, long long)));
	default:
		return (snprintf(out, cap, spec, va_arg(a->list, size_t)));
	}
}

/* Appends the value of the conversion at *p, a percent sign. Returns the text
 * after it. */
static const char *
value_convert(struct value *v, const char *p, struct log_args *a)
{
	char	 spec[16] = "%", *out = v->text + v->n;
	size_t	 cap = sizeof(v->text) - v->n, k = 1;
	int	 n = 0, size = 0, limit = -1;

	for (p++; *p != '\0' && strchr("0123456789.*lz", *p) != NULL; p++) {
		if (*p == '*')
			limit = va_arg(a->list, int);
		size += *p == 'l' ? 1 : *p == 'z' ? 3 : 0;
		if (k < sizeof(spec) - 2)
			spec[k++] = *p;
	}
	if (*p == '\0')
		return (p);
	spec[k] = *p;
	if (*p == 's')
		n = limit >= 0 ? snprintf(out, cap, spec, limit,
		    va_arg(a->list, const char *)) : snprintf(out, cap, spec,
		    va_arg(a->list, const char *));
	else if (*p == 'c')
		n = snprintf(out, cap, spec, va_arg(a->list, int));
	else if (strchr("dux", *p) != NULL)
		n = convert_integer(out, cap, spec, size, a);
	else
		n = snprintf(out, cap, "%c", *p);
	if (v->kind == NUMBER && *p != 'd' && *p != 'u')
		v->kind = BARE;
	if (n > 0) {
		v->cut = v->cut || (size_t)n >= cap;
		v->n += (size_t)n < cap ? (size_t)n : cap - 1;
	}
	return (p + 1);
}

static void
value_literal(struct value *v, char c)
{
	if (v->n < sizeof(v->text) - 1)
		v->text[v->n++] = c;
	else
		v->cut = true;
	if (v->kind == NUMBER && (c < '0' || c > '9'))
		v->kind = BARE;
}

/* Removes the start of a sequence that was cut. */
static void
value_trim(struct value *v)
{
	size_t	k;

	for (k = 1; v->cut && k < 4 && k <= v->n; k++)
		if (((unsigned char)v->text[v->n - k] & 0xc0) == 0xc0) {
			if (sequence(v->text + v->n - k, k) == 0)
				v->n -= k;
			return;
		}
}

/* Adds the field at the start of the format. Returns the rest. */
static const char *
format_field(struct log_line *l, const char *p, struct log_args *a)
{
	struct value	 v = { .kind = NUMBER };
	const char	*key = p;
	size_t		 n = strcspn(p, "= ");
	bool		 quoted;

	if (p[n] == '=')
		p += n + 1;
	else {		/* a word without a key */
		key = "note";
		n = strlen(key);
	}
	if ((quoted = *p == '"')) {
		v.kind = QUOTED;
		p++;
	}
	while (*p != '\0' && *p != (quoted ? '"' : ' '))
		if (*p == '%')
			p = value_convert(&v, p, a);
		else
			value_literal(&v, *p++);
	value_trim(&v);
	/* JSON has no leading zeros (RFC 8259, section 6). */
	if (v.kind == NUMBER && (v.n == 0 || (v.n > 1 && v.text[0] == '0')))
		v.kind = BARE;
	line_field(l, key, n, &v);
	return (quoted && *p != '\0' ? p + 1 : p);
}

void
log_write(enum log_level level, const char *fmt, va_list args)
{
	struct log_line	 l;
	struct log_args	 a;

	va_copy(a.list, args);
	line_begin(&l, level);
	while (*(fmt += strspn(fmt, " ")) != '\0')
		fmt = format_field(&l, fmt, &a);
	log_end(&l);
	va_end(a.list);
}

void
log_info(const char *fmt, ...)
{
	va_list	 args;

	va_start(args, fmt);
	log_write(LEVEL_INFO, fmt, args);
	va_end(args);
}

void
log_warn(const char *fmt, ...)
{
	va_list	 args;

	va_start(args, fmt);
	log_write(LEVEL_WARN, fmt, args);
	va_end(args);
}

void
log_error(const char *fmt, ...)
{
	va_list	 args;

	va_start(args, fmt);
	log_write(LEVEL_ERROR, fmt, args);
	va_end(args);
}

void
log_fatal(const char *fmt, ...)
{
	va_list	 args;

	va_start(args, fmt);
	log_write(LEVEL_FATAL, fmt, args);
	va_end(args);
	/* Exit handlers could use what other threads have locked. */
	_exit(1);
}

/* --- where lines go ------------------------------------------------------- */

bool
log_format(const char *name)
{
	json = strcmp(name, "json") == 0;
	log_descriptor(descriptor);
	return (json || strcmp(name, "text") == 0);
}

void
log_descriptor(int fd)
{
	const char	*stream = getenv("JOURNAL_STREAM");
	char		 text[64];
	struct stat	 st;

	descriptor = fd;
	journal = false;
	if (stream == NULL || fstat(fd, &st) == -1)
		return;
	snprintf(text, sizeof(text), "%llu:%llu", (unsigned long long)st.st_dev,
	    (unsigned long long)st.st_ino);
	journal = strcmp(stream, text) == 0;
}
