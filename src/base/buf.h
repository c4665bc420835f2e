/*
 * A growing byte buffer for texts of unknown length (pages, JSON, lists).
 * After the first append there is always a NUL after the last byte. Out of
 * memory ends the process with a log line.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>

struct buf {
	char	*data;	/* from malloc(); NULL before the first append */
	size_t	 len;	/* bytes used, without the NUL */
	size_t	 cap;	/* bytes allocated */
};

void	buf_append(struct buf *b, const void *bytes, size_t n);
void	buf_puts(struct buf *b, const char *s);
void	buf_putc(struct buf *b, char c);
void	buf_printf(struct buf *b, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* Frees the bytes. b is then empty and can be used again. */
void	buf_dispose(struct buf *b);

#endif
