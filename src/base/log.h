/*
 * The log: one line per event, of a date, a level, the name of the event and
 * further fields. Each line is one write(2) of at most LOG_LINE_MAX bytes, so
 * that lines of several processes and threads do not mix. Nothing is
 * allocated.
 *
 * As text (logfmt):
 *   2026-07-30T15:14:05.250Z warn event=db_down connection=3 why="no answer"
 * As JSON (RFC 8259):
 *   {"time":"2026-07-30T15:14:05.250Z","level":"warn","event":"db_down",…}
 *
 * A line for systemd's journal begins with a syslog priority ("<4>", see
 * sd-daemon(3)) and has no date, because the journal adds one.
 *
 * Never log a search text, a telephone number, a name, an e-mail address, a
 * transcript, or the query string of a URL.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes of this size to a pipe are atomic (PIPE_BUF). Longer lines are cut. */
#define LOG_LINE_MAX	4096

enum log_level { LEVEL_INFO, LEVEL_WARN, LEVEL_ERROR, LEVEL_FATAL };

/*
 * A format is a list of fields: "event=NAME key=%d other=\"%s\"". Only these
 * conversions are known: s .*s c d u x, with l, ll or z. A value is cut after
 * 1 KB. In JSON, a field of digits is a number, all others are strings.
 */
void	log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void	log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void	log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Logs, then ends the process with status 1 without exit handlers. */
_Noreturn void log_fatal(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2)));
void	log_write(enum log_level, const char *fmt, va_list)
	    __attribute__((format(printf, 2, 0)));

/* A line whose fields are added one by one. */
struct log_line {
	size_t	 len, fields;
	bool	 full;		/* the rest is dropped */
	char	 text[LOG_LINE_MAX];
};
void	log_begin(struct log_line *, enum log_level, const char *event);
void	log_text(struct log_line *, const char *key, const char *value);
void	log_number(struct log_line *, const char *key, int64_t value);
/* Adds a duration given in microseconds as milliseconds, "12.3". */
void	log_duration(struct log_line *, const char *key, int64_t us);
void	log_end(struct log_line *);

/* Selects the format, "text" (the default) or "json". Returns false for other
 * names. */
bool	log_format(const char *name);
/* Sends lines to a descriptor instead of standard error. They are formatted
 * for the journal if JOURNAL_STREAM (systemd.exec(5)) names that descriptor. */
void	log_descriptor(int fd);

#endif
