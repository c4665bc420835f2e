/*
 * One recording as the MP3 that is played, downloaded and archived: always
 * the same bytes. Knows neither requests nor the loop: the server, and jobs,
 * read it from any thread of theirs.
 */
#ifndef MEDIA_MP3_FILE_H
#define MEDIA_MP3_FILE_H

#include <sys/types.h>

#include "media/cache.h"
#include "media/mp3.h"
#include "media/source.h"

#define MP3_ETAG_TEXT	35	/* quotes, 32 digits, the NUL */
#define MP3_KEY_TEXT	(STORE_KEY_MAX + 35)

/* What the database knows of the recording. */
struct mp3_facts {
	const char	*key;		/* object of the store */
	const char	*sha256;	/* of the object */
	struct source_info info;	/* as it was ingested; no offset */
	const char	*title;		/* of the call, valid UTF-8 */
	int64_t		 started_ms;
};

struct mp3_file {
	char		 key[STORE_KEY_MAX + 1];
	struct source_info info;
	struct mp3	 mp3;
	char		 etag[MP3_ETAG_TEXT];	/* strong: these very bytes */
	char		 cache_key[MP3_KEY_TEXT]; /* of its chunks */
	uint8_t		 header[MP3_HEADER_MAX]; /* mp3.header_bytes of it */
};

/* Length, tag and header of the MP3; reads nothing. INVALID: no MP3 can be
 * made of such a sound. */
enum result	mp3_file_plan(struct mp3_file *f, const struct mp3_facts *);
/* Opens its source; as source_open(), and DAMAGED when it is not what was
 * ingested. */
enum result	mp3_file_open(const struct mp3_file *f,
		    const struct store *store, struct source *s,
		    const char **why);
/* One chunk, from the cache (or NULL), or encoded from the open source and
 * left there. out: mp3_chunk_bytes(). As mp3_encode(). */
enum result	mp3_file_chunk(const struct mp3_file *f,
		    const struct source *s, struct cache *c, int64_t chunk,
		    uint8_t *out);
/* false: not in the cache, or not without waiting; cache_get_now(). */
bool		mp3_file_chunk_now(const struct mp3_file *f, struct cache *c,
		    int64_t chunk, uint8_t *out);

/* The whole file from its first byte on, encoded ahead by threads of its own
 * that each open the source; one thread reads. What is given is borrowed.
 * NULL: no memory, no thread. */
struct mp3_reader;
struct mp3_reader *mp3_reader_new(const struct mp3_file *f,
		    const struct store *store, struct cache *c,
		    unsigned threads);
/* Fills buf with up to n bytes: how many, 0 at the end, -1: the source can't
 * be read any more. */
ssize_t		 mp3_reader_read(struct mp3_reader *r, void *buf, size_t n);
void		 mp3_reader_free(struct mp3_reader *r);

#endif
