/*
 * Encoded chunks on disk, shared by all workers and `jobs` of a node: one
 * file of fixed-size slots, so that its bound is its size; sets of eight
 * slots, the oldest overwritten. Nothing older than 55 minutes is given out,
 * and a sweep wipes it (deleted audio must not linger). Needs no system call
 * that Kore's filter refuses. A damaged or torn slot is a miss.
 */
#ifndef MEDIA_CACHE_H
#define MEDIA_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cache;

/* Opens dir/chunks, made or resized to megabytes. NULL: errno says why;
 * callers then go on without a cache. */
struct cache	*cache_open(const char *dir, int64_t megabytes);
/* Bytes of the chunk into out (cap), or 0: not there. key: any text that
 * names recording, source, encoder and chunk. */
size_t		 cache_get(struct cache *c, const char *key, uint8_t *out,
		    size_t cap);
void		 cache_put(struct cache *c, const char *key,
		    const uint8_t *bytes, size_t n);
/* Wipes slots older than 55 minutes; returns how many. */
size_t		 cache_sweep(struct cache *c);
void		 cache_close(struct cache *c);

#endif
