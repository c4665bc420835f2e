/*
 * MP3 that needs no encoding in advance: CBR without reservoir, every frame
 * of the same size, so that any byte range maps to frames, and chunks of 128
 * frames encode alone, in any order, to the same bytes. ISO/IEC 11172-3 and
 * 13818-3; in front of the sound are an ID3 tag of a fixed size, which has the
 * call's title, and an Info frame with LAME's delay and padding.
 */
#ifndef MEDIA_MP3_H
#define MEDIA_MP3_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "media/source.h"

#define MP3_CHUNK_FRAMES	128
#define MP3_CHUNK_MAX		65536	/* bytes of the largest chunk */
#define MP3_TAG_BYTES		1024	/* of the ID3 tag, whatever it says */
#define MP3_HEADER_MAX		2048	/* bytes */
/* A day at 16 kHz: keeps every number of the header within its 32 bits. */
#define MP3_SAMPLES_MAX		(INT64_C(86400) * 16000)
/* Samples that encoder and decoder put in front of the sound. */
#define MP3_ENCODER_DELAY	576
#define MP3_DECODER_DELAY	529

struct mp3 {
	int	rate;		/* of the source, kept */
	int	channels;
	int	kbps;
	int	frame_samples;	/* samples a channel in a frame */
	int	frame_bytes;
	int64_t	samples;	/* of the source, a channel */
	int64_t	frames;
	int64_t	chunks;
	int	header_bytes;	/* ID3 tag and Info frame */
	int64_t	length;		/* bytes of the whole file */
};

/* Plans the file; nothing is read. INVALID: a rate we don't encode, no
 * samples or too many. */
enum result	mp3_plan(struct mp3 *m, int rate, int channels,
		    int64_t samples);
/* mp3_plan's own question, when rate and channels are known. */
int		mp3_header_bytes(const struct mp3 *m);
/* The m->header_bytes bytes in front of chunk 0. title: valid UTF-8, cut
 * when too long; started_ms: when the call began. */
void		mp3_header(const struct mp3 *m, const char *title,
		    int64_t started_ms, uint8_t *out);
/* Chunk that holds the byte (offset >= header_bytes), and where it starts
 * and how long it is. */
int64_t		mp3_chunk_at(const struct mp3 *m, int64_t offset);
int64_t		mp3_chunk_offset(const struct mp3 *m, int64_t chunk);
size_t		mp3_chunk_bytes(const struct mp3 *m, int64_t chunk);
/* Encodes one chunk into out (mp3_chunk_bytes() of them). About 10 ms of CPU
 * and one read of the source, whose errors come back. */
enum result	mp3_encode(const struct mp3 *m, const struct source *s,
		    int64_t chunk, uint8_t *out);
/* What the bytes depend on besides the source, for ETag and cache keys:
 * encoder's version, architecture, parameters. Static text. */
const char	*mp3_fingerprint(void);

#endif
