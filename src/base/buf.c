/*
 * Growing byte buffer. Its capacity doubles when it is full.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"

#define BUF_FIRST	((size_t)256)

static void	buf_reserve(struct buf *, size_t);

/* Makes the capacity sufficient for n more bytes and the NUL. */
static void
buf_reserve(struct buf *b, size_t n)
{
	size_t	 cap;
	char	*data;

	if (n > SIZE_MAX / 4 - b->len)
		log_fatal("event=out_of_memory bytes=%zu", n);
	if (b->len + n < b->cap)
		return;

	cap = b->cap == 0 ? BUF_FIRST : b->cap;
	while (cap <= b->len + n)
		cap *= 2;
	if ((data = realloc(b->data, cap)) == NULL)
		log_fatal("event=out_of_memory bytes=%zu", cap);
	b->data = data;
	b->cap = cap;
}

void
buf_append(struct buf *b, const void *bytes, size_t n)
{
	buf_reserve(b, n);
	if (n > 0)
		memcpy(b->data + b->len, bytes, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void
buf_puts(struct buf *b, const char *s)
{
	buf_append(b, s, strlen(s));
}

void
buf_putc(struct buf *b, char c)
{
	buf_append(b, &c, 1);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list	 args;
	int	 n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0)
		log_fatal("event=bad_format");

	buf_reserve(b, (size_t)n);
	va_start(args, fmt);
	(void)vsnprintf(b->data + b->len, (size_t)n + 1, fmt, args);
	va_end(args);
	b->len += (size_t)n;
}

void
buf_dispose(struct buf *b)
{
	free(b->data);
	memset(b, 0, sizeof(*b));
}
