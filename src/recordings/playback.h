/*
 * The MP3 of one recording being sent to one client: chunks from the cache or
 * the encoder, made when the client is ready for them. Knows nothing of HTTP;
 * only play.c uses it.
 */
#ifndef RECORDINGS_PLAYBACK_H
#define RECORDINGS_PLAYBACK_H

#include "media/mp3_file.h"
#include "server/reply.h"

/*
 * Returns a producer of the bytes first to last (inclusive) of the MP3, for
 * file_send(). It copies its arguments, takes over the open source and closes
 * it at the end. id is the recording's, for the log; key says whose turn its
 * encoding needs.
 */
struct stream_source	playback_new(const struct mp3_file *file,
			    const struct source *source, const char *id,
			    const struct fair_key *key, int64_t first,
			    int64_t last);

#endif
