/*
 * Any bytes as a WAV file: it is rejected with an error message, or can be read
 * at any position, inside and outside the call. The bytes are in a block of
 * their own, so that the sanitizer detects a read past their end.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "media/source.h"

struct object {
	const uint8_t	*bytes;
	size_t		 n;
};

static enum result
object_open(const struct store *s, const char *key, struct store_object *out)
{
	const struct object	*o = s->private_data;

	(void)key;
	out->store = s;
	out->size = (int64_t)o->n;
	return (OK);
}

static enum result
object_read(const struct store_object *s, void *buf, size_t n, int64_t offset)
{
	const struct object	*o = s->store->private_data;

	if (offset < 0 || offset > (int64_t)o->n || n > o->n - (size_t)offset)
		return (DAMAGED);
	memcpy(buf, o->bytes + offset, n);
	return (OK);
}

static void
object_close(struct store_object *s)
{
	(void)s;
}

/* Checks the properties of an open source, and reads it. */
static void
check(const struct source *s)
{
	const struct source_info	*i = &s->info;
	int16_t				 pcm[2 * 64];
	int64_t				 at;

	if ((i->rate != 8000 && i->rate != 16000) || i->channels < 1 ||
	    i->channels > 2 || i->samples < 1)
		abort();
	for (at = -70; at < i->samples + 70; at += 1 + i->samples / 50)
		if (source_read(s, at, 64, pcm) != OK)
			abort();
}

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct object	 o = { bytes, n };
	struct store	 store = { .open = object_open, .read = object_read,
			    .close = object_close, .private_data = &o };
	struct source	 s;
	const char	*why;

	if (source_open(&s, &store, "x", &why) == OK) {
		check(&s);
		source_close(&s);
	} else if (why == NULL)
		abort();
	return (0);
}
