/*
 * The MP3 file of a recording, which is played, downloaded and archived. Its
 * bytes are always the same. The functions may be called on any thread.
 */
#ifndef MEDIA_MP3_FILE_H
#define MEDIA_MP3_FILE_H

#include <sys/types.h>

#include "media/cache.h"
#include "media/mp3.h"
#include "media/source.h"

#define MP3_ETAG_TEXT	35	/* quotes, 32 digits, the NUL */
#define MP3_KEY_TEXT	(STORE_KEY_MAX + 35)

/* Columns of the recording in the database. */
struct mp3_facts {
	const char	*key;		/* of the object in the store */
	const char	*sha256;	/* of the object */
	struct source_info info;	/* without data_offset */
	const char	*title;		/* of the call, valid UTF-8 */
	int64_t		 started_ms;
};

struct mp3_file {
	char		 key[STORE_KEY_MAX + 1];
	struct source_info info;
	struct mp3	 mp3;
	char		 etag[MP3_ETAG_TEXT];	/* strong, with quotes */
	char		 cache_key[MP3_KEY_TEXT]; /* prefix for chunks */
	uint8_t		 header[MP3_HEADER_MAX]; /* mp3.header_bytes long */
};

/* Computes layout, ETag and header; reads nothing. Returns INVALID when the
 * audio cannot be encoded; see mp3_plan(). */
enum result	mp3_file_plan(struct mp3_file *f, const struct mp3_facts *);
/* Opens the source of the file. Errors as of source_open_as(). */
enum result	mp3_file_open(const struct mp3_file *f,
		    const struct store *store, struct source *s,
		    const char **why);
/* Gets a chunk from the cache, or encodes it from the open source and stores it
 * in the cache, which may be NULL. out has mp3_chunk_bytes(). Errors as of
 * mp3_encode(). */
enum result	mp3_file_chunk(const struct mp3_file *f,
		    const struct source *s, struct cache *c, int64_t chunk,
		    uint8_t *out);
/* Gets a chunk from the cache without blocking; see cache_get_now(). Returns
 * false for a miss. */
bool		mp3_file_chunk_now(const struct mp3_file *f, struct cache *c,
		    int64_t chunk, uint8_t *out);

/* A reader of the whole file, for use by one thread. Its own threads encode
 * ahead; each opens the source. f, store and c must live as long as the reader.
 * Returns NULL when memory is exhausted or no thread could be started. */
struct mp3_reader;
struct mp3_reader *mp3_reader_new(const struct mp3_file *f,
		    const struct store *store, struct cache *c,
		    unsigned threads);
/* Reads up to n bytes. Returns their number, 0 at the end, -1 when the source
 * is unreadable. */
ssize_t		 mp3_reader_read(struct mp3_reader *r, void *buf, size_t n);
void		 mp3_reader_free(struct mp3_reader *r);

#endif
