/*
 * Collects the body of a request before Kore receives its head: an unfinished
 * body holds none of Kore's requests (except, of a large one, while its session
 * is looked up before it is read), and Kore needs a Content-Length, which a
 * chunked body has not.
 */
#ifndef SERVER_COLLECT_H
#define SERVER_COLLECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct collect;

/* Asks for more bytes of memory. Returns 0, or the status to refuse the
 * request with. */
typedef int	(*collect_room)(void *arg, size_t more);

/* head: the rewritten head, which is copied; length: of the body, or
 * COLLECT_CHUNKED; max: the maximum of bytes in a chunked body. */
#define COLLECT_CHUNKED	UINT64_MAX
struct collect	*collect_new(const char *head, size_t head_len,
		    uint64_t length, size_t max);
void		 collect_free(struct collect *);
/* Takes n bytes and sets *used to those that belong to the body. Returns
 * GATE_MORE, GATE_OK once the body is complete, or the status to refuse the
 * request with. */
int		 collect_add(struct collect *, const char *in, size_t n,
		    size_t *used, collect_room, void *arg);
/* Length of the complete body. */
size_t		 collect_length(const struct collect *);
/* Writes the head with the Content-Length length, at most cap bytes. Returns
 * its length; 0 when it does not fit. */
size_t		 collect_head(const struct collect *, size_t length,
		    char *out, size_t cap);
/* Copies the next bytes of the body, at most n. Returns their number. */
size_t		 collect_take(struct collect *, void *out, size_t n);

#endif
