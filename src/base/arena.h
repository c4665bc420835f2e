/*
 * Arena allocator: the memory of one request, freed all at once. Single
 * allocations cannot be freed. Out of memory ends the process with a log
 * line (the parent starts another worker); no caller checks for NULL.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena {
	struct arena_block	*head;	/* newest block; NULL when empty */
};

/* Allocates n zeroed bytes, aligned for any type. The arena owns them. */
void	*arena_alloc(struct arena *a, size_t n);
/* Copies the text, or its first n bytes, and adds a NUL. */
char	*arena_strdup(struct arena *a, const char *s);
char	*arena_strndup(struct arena *a, const char *s, size_t n);
/* Like sprintf(3), into memory of the arena. */
char	*arena_printf(struct arena *a, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* Frees all blocks. The arena is then empty and can be used again. */
void	 arena_dispose(struct arena *a);

#endif
