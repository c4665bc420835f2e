/*
 * PDFs of transcripts in the cache, see transcript_cache.h. A document is
 * several chunks; the first begins with the length of the document. Equal
 * texts give equal bytes, so chunks that two workers stored fit together.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/text.h"
#include "base/version.h"
#include "media/transcript_cache.h"

#define MADE		"transcript 1"	/* raise it when the layout changes */
#define HASH_BYTES	32
#define KEY_TEXT	(64 + 2 * HASH_BYTES + 64)
#define CHUNK_TEXT	(KEY_TEXT + 24)
#define HEAD_BYTES	sizeof(uint64_t)

/* A member that hash_transcript() does not hash would give a wrong document. */
_Static_assert(sizeof(struct document_head) == 7 * sizeof(char *) &&
    sizeof(struct document_fact) == 3 * sizeof(char *) &&
    sizeof(struct transcript_turn) == 4 * sizeof(char *) &&
    sizeof(struct transcript) == sizeof(struct document_head) +
    TRANSCRIPT_FACTS_MAX * sizeof(struct document_fact) + 13 * sizeof(char *),
    "a new member needs a line in hash_transcript()");

/* Hashes a text with its end, so that two texts never look like two others;
 * NULL is none. */
static void
hash_text(crypto_generichash_state *state, const char *text)
{
	const uint8_t	 there = text != NULL;

	(void)crypto_generichash_update(state, &there, 1);
	if (text != NULL)
		(void)crypto_generichash_update(state, (const uint8_t *)text,
		    strlen(text) + 1);
}

static void
hash_number(crypto_generichash_state *state, uint64_t n)
{
	(void)crypto_generichash_update(state, (const uint8_t *)&n, sizeof(n));
}

static void
hash_head(crypto_generichash_state *state, const struct document_head *h)
{
	hash_text(state, h->lang);
	hash_text(state, h->operator_name);
	hash_number(state, h->brand);
	hash_number(state, h->brand_ink);
	hash_text(state, h->kind);
	hash_text(state, h->title);
	hash_text(state, h->date);
	hash_text(state, h->footer);
}

static void
hash_transcript(crypto_generichash_state *state, const struct transcript *t)
{
	const char	*const texts[] = { t->mood, t->mood_word,
			    t->mood_family, t->mood_note, t->summary_label,
			    t->summary, t->summary_note, t->exchange_label,
			    t->nothing, t->cut };
	size_t		 i;

	hash_head(state, &t->head);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		hash_text(state, texts[i]);
	hash_number(state, t->fact_count);
	for (i = 0; i < t->fact_count; i++) {
		hash_text(state, t->facts[i].label);
		hash_text(state, t->facts[i].value);
		hash_text(state, t->facts[i].detail);
	}
	hash_number(state, t->turn_count);
	for (i = 0; i < t->turn_count; i++) {
		hash_text(state, t->turns[i].time);
		hash_text(state, t->turns[i].name);
		hash_text(state, t->turns[i].text);
		hash_number(state, t->turns[i].callee);
	}
}

/* Writes the key of the document without the number of the chunk. */
static void
document_key(const char *id, const struct transcript *t, const char *fonts,
    char key[KEY_TEXT])
{
	crypto_generichash_state	 state;
	uint8_t				 hash[HASH_BYTES];
	char				 hex[2 * HASH_BYTES + 1];

	(void)crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	hash_text(&state, fonts);
	hash_transcript(&state, t);
	(void)crypto_generichash_final(&state, hash, sizeof(hash));
	hex_encode(hash, sizeof(hash), hex);
	(void)snprintf(key, KEY_TEXT, "%.36s " MADE " " VERSION " %s", id, hex);
}

/* Writes the key of a chunk. */
static void
chunk_key(const char *key, size_t chunk, char out[CHUNK_TEXT])
{
	(void)snprintf(out, CHUNK_TEXT, "%s %zu", key, chunk);
}

/* Returns the bytes of the chunk at an offset, the head included. */
static size_t
chunk_length(size_t at, size_t total)
{
	return (total - at < CACHE_BYTES_MAX ? total - at : CACHE_BYTES_MAX);
}

/* Reads the chunks after the first one, which *bytes has already. */
static bool
get_rest(struct cache *c, const char *key, uint8_t *bytes, size_t total)
{
	size_t	 at, n;
	char	 chunk[CHUNK_TEXT];

	for (at = CACHE_BYTES_MAX; at < total; at += n) {
		n = chunk_length(at, total);
		chunk_key(key, at / CACHE_BYTES_MAX, chunk);
		if (cache_get(c, chunk, bytes + at, n) != n)
			return (false);
	}
	return (true);
}

/* Returns the document, which the caller frees, or NULL for a miss. */
static uint8_t *
document_get(struct cache *c, const char *key, size_t *n)
{
	uint8_t		*first, *all = NULL;
	uint64_t	 length;
	size_t		 got;
	char		 chunk[CHUNK_TEXT];

	if (c == NULL || (first = malloc(CACHE_BYTES_MAX)) == NULL)
		return (NULL);
	chunk_key(key, 0, chunk);
	got = cache_get(c, chunk, first, CACHE_BYTES_MAX);
	if (got > HEAD_BYTES) {
		memcpy(&length, first, HEAD_BYTES);
		if (length <= TRANSCRIPT_CACHED_MAX && got ==
		    chunk_length(0, HEAD_BYTES + length))
			all = malloc(HEAD_BYTES + length);
	}
	if (all != NULL) {
		memcpy(all, first, got);
		*n = length;
		if (get_rest(c, key, all, HEAD_BYTES + length))
			memmove(all, all + HEAD_BYTES, length);
		else {
			free(all);
			all = NULL;
		}
	}
	free(first);
	return (all);
}

static void
document_put(struct cache *c, const char *key, const uint8_t *bytes, size_t n)
{
	uint64_t	 length = n;
	uint8_t		*all;
	size_t		 at, part, total = HEAD_BYTES + n;
	char		 chunk[CHUNK_TEXT];

	if (c == NULL || n > TRANSCRIPT_CACHED_MAX ||
	    (all = malloc(total)) == NULL)
		return;
	memcpy(all, &length, HEAD_BYTES);
	memcpy(all + HEAD_BYTES, bytes, n);
	for (at = 0; at < total; at += part) {
		part = chunk_length(at, total);
		chunk_key(key, at / CACHE_BYTES_MAX, chunk);
		cache_put(c, chunk, all + at, part);
	}
	free(all);
}

enum result
transcript_pdf_cached(struct cache *c, const char *id,
    const struct transcript *t, const char *fonts, uint8_t **bytes, size_t *n)
{
	enum result	 r;
	char		 key[KEY_TEXT];

	document_key(id, t, fonts, key);
	if ((*bytes = document_get(c, key, n)) != NULL)
		return (OK);
	r = transcript_pdf(t, fonts, bytes, n);
	if (r == OK)
		document_put(c, key, *bytes, *n);
	return (r);
}
