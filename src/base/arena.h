/*
 * Memory that dies together: one arena a request. Nothing is freed singly.
 * Out of memory ends the process with a log line (the parent starts another
 * worker); no caller checks for NULL.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena {
	struct arena_block	*head;	/* newest block; NULL: empty */
};

/* n zeroed bytes, aligned for any type. Owned by the arena. */
void	*arena_alloc(struct arena *a, size_t n);
/* Copies of the text (of its first n bytes), NUL added. */
char	*arena_strdup(struct arena *a, const char *s);
char	*arena_strndup(struct arena *a, const char *s, size_t n);
/* printf into the arena. */
char	*arena_printf(struct arena *a, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* Frees all blocks; the arena is empty and usable again. */
void	 arena_dispose(struct arena *a);

#endif
