/*
 * The log. Each line is one write(2), so that lines of several processes and
 * threads do not mix. Nothing is allocated. Lines have no time stamp: systemd
 * or the container runtime adds it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

#define TEXT_MAX	1024			/* longer texts are truncated */
#define LINE_MAX_BYTES	(4 * TEXT_MAX + 16)	/* with all bytes escaped */

static size_t	log_escape(const char *, char *);
static void	log_line(const char *, const char *, va_list)
		    __attribute__((format(printf, 2, 0)));

/* Writes control bytes, also those of C1 controls (U+0080-9F, 0xc2
 * 0x80-0x9f), as \xNN, so that a text cannot forge a line or send commands to
 * a terminal. Doubles each backslash, so that the result is unambiguous.
 * Returns the length. */
static size_t
log_escape(const char *text, char *out)
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
	n += log_escape(text, line + n);
	line[n++] = '\n';

	/* An error here cannot be reported. */
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
	/* Exit handlers could use what other threads have locked. */
	_exit(1);
}
