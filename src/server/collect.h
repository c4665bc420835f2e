/*
 * Collects the chunked body of a request before Kore receives its head, as
 * Kore needs a Content-Length.
 */
#ifndef SERVER_COLLECT_H
#define SERVER_COLLECT_H

#include <stddef.h>

struct collect;

/* head: the rewritten head without Content-Length, which is copied; max: the
 * maximum of bytes in the body. */
struct collect	*collect_new(const char *head, size_t head_len, size_t max);
void		 collect_free(struct collect *);
/* Takes n bytes and sets *used to those that belong to the body. Returns
 * GATE_MORE, GATE_OK once the body is complete, or the status to refuse the
 * request with. */
int		 collect_add(struct collect *, const char *in, size_t n,
		    size_t *used);
/* Length of the complete body. */
size_t		 collect_length(const struct collect *);
/* Writes the head with its Content-Length, at most cap bytes. Returns its
 * length; 0 when it does not fit. */
size_t		 collect_head(const struct collect *, char *out, size_t cap);
/* Copies the next bytes of the body, at most n. Returns their number. */
size_t		 collect_take(struct collect *, void *out, size_t n);

#endif
