/*
 * Encoded chunks on disk, shared by all workers and `jobs` of a node: one
 * file of fixed-size slots, so that its bound is its size; sets of eight
 * slots, the oldest overwritten. Nothing older than 55 minutes is given out,
 * and a sweep wipes it (deleted audio must not linger). Needs no system call
 * that Kore's filter refuses. A damaged or torn slot is a miss; so is any
 * error of the disk. All functions but open and close may be called by
 * several threads at once.
 */
#ifndef MEDIA_CACHE_H
#define MEDIA_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CACHE_BYTES_MAX	65536	/* of one chunk */
#define CACHE_AGE_MS	(55 * 60 * 1000)

struct cache;

/* Opens dir/chunks, made or resized to megabytes; dir exists. NULL: errno
 * says why; callers then go on without a cache, which all the functions
 * below take as NULL. */
struct cache	*cache_open(const char *dir, int64_t megabytes);
/* Bytes of the chunk into out (cap), or 0: not there. key: any text that
 * names recording, source, encoder and chunk. */
size_t		 cache_get(struct cache *c, const char *key, uint8_t *out,
		    size_t cap);
/* Likewise on the loop's thread: 0 too when the disk would be waited for, or
 * the file system can't tell. */
size_t		 cache_get_now(struct cache *c, const char *key,
		    uint8_t *out, size_t cap);
/* Longer than CACHE_BYTES_MAX, or another process is writing to the same
 * set: nothing is put. */
void		 cache_put(struct cache *c, const char *key,
		    const uint8_t *bytes, size_t n);
/* Wipes slots older than 55 minutes; returns how many. */
size_t		 cache_sweep(struct cache *c);
void		 cache_close(struct cache *c);
/* For tests: the clock that ages are told by, clock_now_ms unless set. */
extern int64_t	 (*cache_clock)(void);

#endif
