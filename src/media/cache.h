/*
 * A cache of encoded chunks on disk, shared by all workers and `jobs` of a
 * machine. It is one file of fixed size, divided into sets of eight slots; the
 * oldest slot of a set is overwritten. Chunks older than 55 minutes are never
 * returned, and cache_sweep() wipes them, so that deleted audio does not stay
 * on the disk. A damaged slot, and any error of the disk, is a miss. All
 * functions but cache_open() and cache_close() are thread-safe.
 */
#ifndef MEDIA_CACHE_H
#define MEDIA_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CACHE_BYTES_MAX	65536	/* bytes of a chunk */
#define CACHE_AGE_MS	(55 * 60 * 1000)

struct cache;

/* Opens the file dir/chunks, which it makes or resizes; dir must exist. Returns
 * NULL and sets errno on an error. All functions below accept NULL as an empty
 * cache that stores nothing. */
struct cache	*cache_open(const char *dir, int64_t megabytes);
/* Copies a chunk to out, which has cap bytes. Returns its length, or 0 for a
 * miss. key is a text made of recording, source, encoder and chunk. */
size_t		 cache_get(struct cache *c, const char *key, uint8_t *out,
		    size_t cap);
/* Like cache_get(), but never blocks, for the loop's thread: also 0 when the
 * chunk is not in memory, or the file system cannot tell. */
size_t		 cache_get_now(struct cache *c, const char *key,
		    uint8_t *out, size_t cap);
/* Stores a chunk. Does nothing when it is longer than CACHE_BYTES_MAX, or when
 * another process is writing to the same set. */
void		 cache_put(struct cache *c, const char *key,
		    const uint8_t *bytes, size_t n);
/* Wipes slots older than 55 minutes. Returns their number. */
size_t		 cache_sweep(struct cache *c);
void		 cache_close(struct cache *c);
/* The clock for the age of slots, clock_now_ms(); tests replace it. */
extern int64_t	 (*cache_clock)(void);

#endif
