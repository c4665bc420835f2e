/*
 * WAV files made in memory, and a store that holds one object there, for the
 * tests of what reads them.
 */
#ifndef TESTS_UNIT_WAV_H
#define TESTS_UNIT_WAV_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/store.h"

struct bytes {
	uint8_t	*data;
	size_t	 n;
};

static inline void
add(struct bytes *b, const void *data, size_t n)
{
	b->data = realloc(b->data, b->n + n + 1);
	if (n > 0)
		memcpy(b->data + b->n, data, n);
	b->n += n;
}

static inline void
add_number(struct bytes *b, uint32_t value, size_t n)
{
	uint8_t	 le[4] = { (uint8_t)value, (uint8_t)(value >> 8),
		    (uint8_t)(value >> 16), (uint8_t)(value >> 24) };

	add(b, le, n);
}

/* A chunk with its padding. */
static inline void
add_chunk(struct bytes *b, const char *name, const void *data, size_t n)
{
	add(b, name, 4);
	add_number(b, (uint32_t)n, 4);
	add(b, data, n);
	add(b, "", n & 1);
}

static inline void
add_riff(struct bytes *b)
{
	add(b, "RIFF\xff\xff\xff\xffWAVE", 12);
}

/* tag 1 PCM, 6 A-law, 7 mu-law. */
static inline void
add_format(struct bytes *b, unsigned tag, unsigned channels, unsigned rate)
{
	struct bytes	 f = { NULL, 0 };
	unsigned	 size = tag == 1 ? 2 : 1;

	add_number(&f, tag, 2);
	add_number(&f, channels, 2);
	add_number(&f, rate, 4);
	add_number(&f, rate * channels * size, 4);
	add_number(&f, channels * size, 2);
	add_number(&f, 8 * size, 2);
	add_chunk(b, "fmt ", f.data, f.n);
	free(f.data);
}

/* frames of something that sounds: each channel its own mixture of tones. */
static inline int16_t *
make_sound(int64_t frames, unsigned channels, unsigned rate)
{
	int16_t		*pcm;
	uint32_t	 seed = 1;
	int64_t		 i;
	unsigned	 c, period;
	int		 v;

	pcm = malloc((size_t)frames * channels * sizeof(*pcm));
	for (i = 0; i < frames; i++)
		for (c = 0; c < channels; c++) {
			period = (rate / 200) << c;
			seed = seed * 1664525 + 1013904223;
			v = (int)(i % period) * 16000 / (int)period - 8000;
			v = v * (int)((i / (rate / 4)) % 5) / 4;
			pcm[i * channels + c] = (int16_t)(v +
			    (int)(seed >> 24) - 128);
		}
	return (pcm);
}

static inline struct bytes
make_wav(unsigned tag, unsigned channels, unsigned rate, const void *data,
    size_t n)
{
	struct bytes	 b = { NULL, 0 };

	add_riff(&b);
	add_format(&b, tag, channels, rate);
	add_chunk(&b, "data", data, n);
	return (b);
}

/* --- a store of one object ----------------------------------------------- */

static inline enum result
memory_open(const struct store *s, const char *key, struct store_object *out)
{
	const struct bytes	*b = s->private_data;

	(void)key;
	out->store = s;
	out->size = (int64_t)b->n;
	out->fd = -1;
	return (OK);
}

static inline enum result
memory_read(const struct store_object *o, void *buf, size_t n, int64_t offset)
{
	const struct bytes	*b = o->store->private_data;

	if (offset < 0 || offset > (int64_t)b->n || n > b->n - (size_t)offset)
		return (DAMAGED);
	memcpy(buf, b->data + offset, n);
	return (OK);
}

static inline void
memory_close(struct store_object *o)
{
	(void)o;
}

static inline struct store
memory_store(struct bytes *b)
{
	struct store	 s = { .open = memory_open, .read = memory_read,
			    .close = memory_close, .private_data = b };

	return (s);
}

#endif
