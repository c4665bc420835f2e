/*
 * One line an event on standard error: level, then key=value words. Never a
 * search text, a caller's number or name, a transcript, or a query string.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

void	log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void	log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void	log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Logs and ends the process with status 1. */
_Noreturn void log_fatal(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2)));

#endif
