/* Collects chunked bodies; see collect.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "server/chunked.h"
#include "server/collect.h"
#include "server/gate_parse.h"

#define TOTAL_MAX	(64u << 20)	/* bytes of all bodies of a worker */

struct collect {
	struct chunked	 decoder;
	char		*head;
	size_t		 head_len;
	char		*body;
	size_t		 len, cap, max;
	size_t		 taken;
};

static size_t	total;	/* of all cap */

struct collect *
collect_new(const char *head, size_t head_len, size_t max)
{
	struct collect	*c = calloc(1, sizeof(*c));

	if (c == NULL || (c->head = malloc(head_len)) == NULL)
		log_fatal("event=out_of_memory");
	memcpy(c->head, head, head_len);
	c->head_len = head_len;
	c->max = max;
	return (c);
}

void
collect_free(struct collect *c)
{
	if (c == NULL)
		return;
	total -= c->cap;
	free(c->head);
	free(c->body);
	free(c);
}

/* Makes room for n more bytes. Returns false when the worker has no more. */
static bool
collect_grow(struct collect *c, size_t n)
{
	size_t	cap = c->cap == 0 ? 4096 : c->cap;

	if (c->body != NULL && n <= c->cap - c->len)
		return (true);
	while (cap - c->len < n)
		cap *= 2;
	if (total + (cap - c->cap) > TOTAL_MAX)
		return (false);
	if ((c->body = realloc(c->body, cap)) == NULL)
		log_fatal("event=out_of_memory");
	total += cap - c->cap;
	c->cap = cap;
	return (true);
}

int
collect_add(struct collect *c, const char *in, size_t n, size_t *used)
{
	size_t	made;
	int	status;

	*used = 0;
	if (!collect_grow(c, n))
		return (503);
	status = chunked_decode(&c->decoder, in, n, used, c->body + c->len,
	    &made);
	c->len += made;
	if (status == CHUNKED_BAD)
		return (400);
	/* Refuses a body that is too long at the size of its chunk. */
	if (c->len > c->max || c->decoder.left > c->max - c->len)
		return (413);
	return (status == CHUNKED_DONE ? GATE_OK : GATE_MORE);
}

size_t
collect_length(const struct collect *c)
{
	return (c->len);
}

size_t
collect_head(const struct collect *c, char *out, size_t cap)
{
	size_t	n = c->head_len - 2;	/* without the empty line */
	int	more;

	if (n > cap)
		return (0);
	memcpy(out, c->head, n);
	more = snprintf(out + n, cap - n, "content-length: %zu\r\n\r\n",
	    c->len);
	return (more < 0 || (size_t)more >= cap - n ? 0 : n + (size_t)more);
}

size_t
collect_take(struct collect *c, void *out, size_t n)
{
	if (n > c->len - c->taken)
		n = c->len - c->taken;
	memcpy(out, c->body + c->taken, n);
	c->taken += n;
	return (n);
}
