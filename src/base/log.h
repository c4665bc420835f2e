/*
 * The log: one line per event on standard error, the level and then
 * key=value words. Never log a search text, a telephone number, a name, a
 * transcript, or the query string of a URL. Texts of more than 1023 bytes are
 * truncated.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

void	log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void	log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void	log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Logs, then ends the process with status 1 without exit handlers. */
_Noreturn void log_fatal(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2)));

#endif
