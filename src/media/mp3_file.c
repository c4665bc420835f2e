/*
 * Computes ETag and cache key of an MP3 file, and gets its chunks. The reader
 * of a whole file is in mp3_reader.c.
 */
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/text.h"
#include "media/mp3_file.h"

#define HASH_BYTES	16
#define HASH_TEXT	(2 * HASH_BYTES + 1)
#define CHUNK_KEY	(MP3_KEY_TEXT + 24)

/* Hashes two texts and a number; writes hexadecimal. */
static void
mp3_hash(const char *a, const char *b, int64_t n, char hex[HASH_TEXT])
{
	crypto_generichash_state	 state;
	uint8_t				 hash[HASH_BYTES];

	(void)crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	(void)crypto_generichash_update(&state, (const uint8_t *)a,
	    strlen(a) + 1);
	(void)crypto_generichash_update(&state, (const uint8_t *)b,
	    strlen(b) + 1);
	(void)crypto_generichash_update(&state, (const uint8_t *)&n,
	    sizeof(n));
	(void)crypto_generichash_final(&state, hash, sizeof(hash));
	hex_encode(hash, sizeof(hash), hex);
}

enum result
mp3_file_plan(struct mp3_file *f, const struct mp3_facts *facts)
{
	const struct source_info	*i = &facts->info;
	char				 hex[HASH_TEXT];

	memset(f, 0, sizeof(*f));
	if (mp3_plan(&f->mp3, i->rate, i->channels, i->samples) != OK)
		return (INVALID);
	f->info = *i;
	(void)snprintf(f->key, sizeof(f->key), "%s", facts->key);
	mp3_header(&f->mp3, facts->title, facts->started_ms, f->header);
	/* The ID3 tag has the title, but chunks do not depend on it. */
	mp3_hash(facts->sha256, mp3_fingerprint(), i->samples, hex);
	(void)snprintf(f->cache_key, sizeof(f->cache_key), "%s %s", f->key,
	    hex);
	mp3_hash(hex, facts->title, facts->started_ms, hex);
	(void)snprintf(f->etag, sizeof(f->etag), "\"%s\"", hex);
	return (OK);
}

enum result
mp3_file_open(const struct mp3_file *f, const struct store *store,
    struct source *s, const char **why)
{
	return (source_open_as(s, store, f->key, &f->info, why));
}

/* Makes the key of a chunk in the cache. */
static void
chunk_key(const struct mp3_file *f, int64_t chunk, char key[CHUNK_KEY])
{
	(void)snprintf(key, CHUNK_KEY, "%s %lld", f->cache_key,
	    (long long)chunk);
}

bool
mp3_file_chunk_now(const struct mp3_file *f, struct cache *c, int64_t chunk,
    uint8_t *out)
{
	size_t	 n = mp3_chunk_bytes(&f->mp3, chunk);
	char	 key[CHUNK_KEY];

	chunk_key(f, chunk, key);
	return (cache_get_now(c, key, out, n) == n);
}

enum result
mp3_file_chunk(const struct mp3_file *f, const struct source *s,
    struct cache *c, int64_t chunk, uint8_t *out)
{
	enum result	 r;
	char		 key[CHUNK_KEY];
	size_t		 n;

	n = mp3_chunk_bytes(&f->mp3, chunk);
	chunk_key(f, chunk, key);
	if (cache_get(c, key, out, n) == n)
		return (OK);
	r = mp3_encode(&f->mp3, s, chunk, out);
	if (r == OK)
		cache_put(c, key, out, n);
	return (r);
}
