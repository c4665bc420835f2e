/*
 * MP3 files that are encoded on demand (ISO/IEC 11172-3 and 13818-3). They have
 * a constant bit rate without reservoir, so all frames have the same size and
 * any byte range maps to frames. Chunks of 128 frames can be encoded alone, in
 * any order, to the same bytes. Before the audio are an ID3 tag of fixed size
 * with the title of the call, and an Info frame with LAME's delay and padding.
 */
#ifndef MEDIA_MP3_H
#define MEDIA_MP3_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "media/source.h"

#define MP3_CHUNK_FRAMES	128
#define MP3_CHUNK_MAX		65536	/* bytes of the largest chunk */
#define MP3_TAG_BYTES		1024	/* of the ID3 tag */
#define MP3_HEADER_MAX		2048	/* bytes */
/* A day at 16 kHz; so all numbers of the header fit in 32 bits. */
#define MP3_SAMPLES_MAX		(INT64_C(86400) * 16000)
/* Samples that encoder and decoder add before the audio. */
#define MP3_ENCODER_DELAY	576
#define MP3_DECODER_DELAY	529

struct mp3 {
	int	rate;		/* Hz, that of the source */
	int	channels;
	int	kbps;
	int	frame_samples;	/* samples per channel in a frame */
	int	frame_bytes;
	int64_t	samples;	/* of the source, per channel */
	int64_t	frames;
	int64_t	chunks;
	int	header_bytes;	/* ID3 tag and Info frame */
	int64_t	length;		/* bytes of the whole file */
};

/* Computes the layout of the file; reads nothing. Returns INVALID for a rate
 * that is not supported, no samples, or too many. */
enum result	mp3_plan(struct mp3 *m, int rate, int channels,
		    int64_t samples);
/* Bytes of the header; used by mp3_plan(), which has set rate and channels. */
int		mp3_header_bytes(const struct mp3 *m);
/* Writes the m->header_bytes bytes before chunk 0. title is valid UTF-8 and
 * truncated when too long; started_ms is the start of the call. */
void		mp3_header(const struct mp3 *m, const char *title,
		    int64_t started_ms, uint8_t *out);
/* The chunk with the byte at offset (>= header_bytes); the offset of a chunk;
 * its length. */
int64_t		mp3_chunk_at(const struct mp3 *m, int64_t offset);
int64_t		mp3_chunk_offset(const struct mp3 *m, int64_t chunk);
size_t		mp3_chunk_bytes(const struct mp3 *m, int64_t chunk);
/* Encodes a chunk to out, which has mp3_chunk_bytes(). Takes about 10 ms of CPU
 * time and one read of the source, whose errors it returns. */
enum result	mp3_encode(const struct mp3 *m, const struct source *s,
		    int64_t chunk, uint8_t *out);
/* Version of the encoder, architecture and parameters, on which the encoded
 * bytes depend; for ETag and cache keys. Static text. */
const char	*mp3_fingerprint(void);

#endif
