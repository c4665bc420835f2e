/*
 * The sound of one recording on its way to one client: MP3 chunks from the
 * cache or the encoder, made when the client is ready for them. Knows no
 * HTTP. Only play.c uses it.
 */
#ifndef RECORDINGS_PLAYBACK_H
#define RECORDINGS_PLAYBACK_H

#include "media/mp3_file.h"
#include "server/reply.h"

/*
 * A producer for reply_stream() of the bytes first..last of the MP3, which
 * closes its open source in the end. id: the recording's, for the log. All
 * are copied.
 */
struct stream_source	playback_new(const struct mp3_file *file,
			    const struct source *source, const char *id,
			    int64_t first, int64_t last);

#endif
