/*
 * Log lines on standard error, each one write(2) so that processes and
 * threads don't mix theirs. No allocation, no time (the supervisor of the
 * process adds it), no destination other than standard error.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

#define TEXT_MAX	1024			/* longer lines are cut */
#define LINE_MAX_BYTES	(4 * TEXT_MAX + 16)	/* all of it escaped */

static size_t	escape(const char *, char *);
static void	log_line(const char *, const char *, va_list)
		    __attribute__((format(printf, 2, 0)));

/* Control bytes as \xNN: nobody forges a line or drives a terminal, not with
 * C1 controls (U+0080-9F, 0xc2 0x80-0x9f) either. A backslash is doubled, so
 * that what was escaped stays distinct. */
static size_t
escape(const char *text, char *out)
{
	static const char	digits[] = "0123456789abcdef";
	unsigned char		c, before, after;
	size_t			n;

	n = 0;
	for (before = 0; (c = (unsigned char)*text) != '\0'; text++) {
		after = (unsigned char)text[1];
		if (c == '\\') {
			out[n++] = '\\';
			out[n++] = '\\';
		} else if (c < 0x20 || c == 0x7f ||
		    (c == 0xc2 && after >= 0x80 && after < 0xa0) ||
		    (before == 0xc2 && c >= 0x80 && c < 0xa0)) {
			out[n++] = '\\';
			out[n++] = 'x';
			out[n++] = digits[c >> 4];
			out[n++] = digits[c & 15];
		} else
			out[n++] = (char)c;
		before = c;
	}

	return (n);
}

static void
log_line(const char *level, const char *fmt, va_list args)
{
	char	 text[TEXT_MAX], line[LINE_MAX_BYTES];
	int	 start;
	size_t	 n;
	ssize_t	 written;

	if (vsnprintf(text, sizeof(text), fmt, args) < 0)
		return;
	start = snprintf(line, sizeof(line), "%s ", level);
	n = (size_t)start;
	n += escape(text, line + n);
	line[n++] = '\n';

	/* Nowhere to report a log that can't be written. */
	written = write(STDERR_FILENO, line, n);
	(void)written;
}

void
log_info(const char *fmt, ...)
{
	va_list	 args;

	va_start(args, fmt);
	log_line("info", fmt, args);
	va_end(args);
}

void
log_warn(const char *fmt, ...)
{
	va_list	 args;

	va_start(args, fmt);
	log_line("warn", fmt, args);
	va_end(args);
}

void
log_error(const char *fmt, ...)
{
	va_list	 args;

	va_start(args, fmt);
	log_line("error", fmt, args);
	va_end(args);
}

void
log_fatal(const char *fmt, ...)
{
	va_list	 args;

	va_start(args, fmt);
	log_line("fatal", fmt, args);
	va_end(args);
	/* No exit handlers: other threads may hold what those would touch. */
	_exit(1);
}
