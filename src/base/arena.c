/*
 * Arena allocator: a list of blocks, newest first. Each block is filled from
 * its start.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"

#define BLOCK_SIZE	((size_t)4096)
#define SMALL_TEXT	256	/* bytes; arena_printf() formats these once */

struct arena_block {
	struct arena_block	*next;
	size_t			 used;
	size_t			 size;
	max_align_t		 bytes[];
};

static struct arena_block	*block_new(size_t);

/* Allocates a zeroed block, so that arena_alloc() need not clear memory. */
static struct arena_block *
block_new(size_t size)
{
	struct arena_block	*b;

	if (size > SIZE_MAX / 2 ||
	    (b = calloc(1, sizeof(*b) + size)) == NULL)
		log_fatal("event=out_of_memory bytes=%zu", size);
	b->size = size;

	return (b);
}

void *
arena_alloc(struct arena *a, size_t n)
{
	struct arena_block	*b;
	void			*p;
	size_t			 align;

	align = sizeof(max_align_t);
	if (n > SIZE_MAX / 4)
		log_fatal("event=out_of_memory bytes=%zu", n);
	n = (n + align - 1) / align * align;

	b = a->head;
	if (b == NULL || b->size - b->used < n) {
		b = block_new(n > BLOCK_SIZE ? n : BLOCK_SIZE);
		/* A large block goes behind the head, so that the free space
		 * of the head stays in use. */
		if (a->head != NULL && n > BLOCK_SIZE) {
			b->next = a->head->next;
			a->head->next = b;
		} else {
			b->next = a->head;
			a->head = b;
		}
	}
	p = (char *)b->bytes + b->used;
	b->used += n;

	return (p);
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return (arena_strndup(a, s, strlen(s)));
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	char	*copy;

	n = strnlen(s, n);
	copy = arena_alloc(a, n + 1);
	memcpy(copy, s, n);

	return (copy);
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list	 args;
	char	*text, small[SMALL_TEXT];
	int	 n;

	va_start(args, fmt);
	n = vsnprintf(small, sizeof(small), fmt, args);
	va_end(args);
	if (n < 0)
		log_fatal("event=bad_format");

	text = arena_alloc(a, (size_t)n + 1);
	if ((size_t)n < sizeof(small)) {
		memcpy(text, small, (size_t)n);
		return (text);
	}
	va_start(args, fmt);
	(void)vsnprintf(text, (size_t)n + 1, fmt, args);
	va_end(args);

	return (text);
}

void
arena_dispose(struct arena *a)
{
	struct arena_block	*b;

	while ((b = a->head) != NULL) {
		a->head = b->next;
		free(b);
	}
}
