/*
 * The sound of one recording on its way to one client: MP3 chunks from the
 * cache or the encoder, made when the client is ready for them. Knows no
 * HTTP. Only play.c uses it.
 */
#ifndef RECORDINGS_PLAYBACK_H
#define RECORDINGS_PLAYBACK_H

#include "media/mp3.h"
#include "media/source.h"
#include "server/reply.h"

/* Once in each worker. */
void	playback_start(void);

/*
 * A producer for reply_stream() of the bytes first..last of the MP3, which
 * closes the source in the end. id: the recording's, for the log; key: text
 * that names source and encoder, for the cache. Both are copied.
 */
struct stream_source	playback_new(const struct source *source,
			    const struct mp3 *mp3, const char *id,
			    const char *key, int64_t first, int64_t last);

#endif
