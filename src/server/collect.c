/* Collects bodies; see collect.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "server/chunked.h"
#include "server/collect.h"
#include "server/gate_parse.h"

#define FIRST	4096	/* bytes of memory at first */

struct collect {
	struct chunked	 decoder;
	char		*head;		/* without Content-Length */
	size_t		 head_len;
	uint64_t	 length;	/* COLLECT_CHUNKED: not known yet */
	char		*body;
	size_t		 len, cap, max;
	size_t		 taken;
};

/* Copies the head without its line Content-Length, which gate_parse() writes
 * in small letters. */
static void
head_copy(struct collect *c, const char *head, size_t n)
{
	static const char	 name[] = "\r\ncontent-length: ";
	const char		*line, *end;
	size_t			 before = n, after = 0;

	if ((c->head = malloc(n)) == NULL)
		log_fatal("event=out_of_memory");
	if ((line = memmem(head, n, name, sizeof(name) - 1)) != NULL) {
		before = (size_t)(line - head);
		end = memmem(line + 2, n - before - 2, "\r\n", 2);
		after = n - (size_t)(end - head);
		memcpy(c->head + before, end, after);
	}
	memcpy(c->head, head, before);
	c->head_len = before + after;
}

struct collect *
collect_new(const char *head, size_t head_len, uint64_t length, size_t max)
{
	struct collect	*c = calloc(1, sizeof(*c));

	if (c == NULL)
		log_fatal("event=out_of_memory");
	head_copy(c, head, head_len);
	c->length = length;
	c->max = max;
	return (c);
}

void
collect_free(struct collect *c)
{
	if (c == NULL)
		return;
	free(c->head);
	free(c->body);
	free(c);
}

/* Makes room for n more bytes. Returns 0, or the status to refuse with. */
static int
collect_grow(struct collect *c, size_t n, collect_room room, void *arg)
{
	size_t	cap = c->cap == 0 ? FIRST : c->cap;
	int	status;

	if (c->body != NULL && n <= c->cap - c->len)
		return (0);
	while (cap - c->len < n)
		cap *= 2;
	if (c->length != COLLECT_CHUNKED && cap > c->length)
		cap = (size_t)c->length;
	if ((status = room(arg, cap - c->cap)) != 0)
		return (status);
	if ((c->body = realloc(c->body, cap)) == NULL)
		log_fatal("event=out_of_memory");
	c->cap = cap;
	return (0);
}

static int
chunks_add(struct collect *c, const char *in, size_t n, size_t *used)
{
	size_t	made;
	int	status;

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

int
collect_add(struct collect *c, const char *in, size_t n, size_t *used,
    collect_room room, void *arg)
{
	int	status;

	*used = 0;
	if (c->length != COLLECT_CHUNKED && n > c->length - c->len)
		n = (size_t)(c->length - c->len);
	if (n == 0)
		return (GATE_MORE);
	if ((status = collect_grow(c, n, room, arg)) != 0)
		return (status);
	if (c->length == COLLECT_CHUNKED)
		return (chunks_add(c, in, n, used));
	memcpy(c->body + c->len, in, n);
	c->len += n;
	*used = n;
	return (c->len == c->length ? GATE_OK : GATE_MORE);
}

size_t
collect_length(const struct collect *c)
{
	return (c->len);
}

size_t
collect_head(const struct collect *c, size_t length, char *out, size_t cap)
{
	size_t	n = c->head_len - 2;	/* without the empty line */
	int	more;

	if (n > cap)
		return (0);
	memcpy(out, c->head, n);
	more = snprintf(out + n, cap - n, "content-length: %zu\r\n\r\n",
	    length);
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
