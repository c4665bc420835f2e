/*
 * Encodes chunks of an MP3, each alone. A new encoder starts a few frames
 * before the chunk, so that at its first frame the psychoacoustic state and the
 * overlap of the transform are those of a continuous encode. The frames before
 * are dropped. mp3_header.c makes the header.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lame/lame.h>

#include "media/mp3.h"

#define PRIMING_FRAMES	8	/* 4 are enough for exact joins */
#define QUALITY		7
#define FRAME_SAMPLES	576	/* MPEG-2 and 2.5, layer III */
#define DELAY		(MP3_ENCODER_DELAY + MP3_DECODER_DELAY)
#define LOOK_AHEAD_FRAMES 4
#define ENCODED_MAX	16384	/* maximum output of a step, in bytes */

#if defined(__x86_64__)
#define ARCHITECTURE	"x86_64"
#elif defined(__aarch64__)
#define ARCHITECTURE	"aarch64"
#else
#define ARCHITECTURE	"other"
#endif

/* 24 kbit/s per channel at 8 kHz, 32 at 16 kHz. With these, frames have a whole
 * number of bytes. */
static int
bit_rate(int rate, int channels)
{
	return ((rate == 8000 ? 24 : 32) * channels);
}

enum result
mp3_plan(struct mp3 *m, int rate, int channels, int64_t samples)
{
	memset(m, 0, sizeof(*m));
	if ((rate != 8000 && rate != 16000) ||
	    (channels != 1 && channels != 2) ||
	    samples < 1 || samples > MP3_SAMPLES_MAX)
		return (INVALID);
	m->rate = rate;
	m->channels = channels;
	m->kbps = bit_rate(rate, channels);
	m->frame_samples = FRAME_SAMPLES;
	m->frame_bytes = FRAME_SAMPLES / 8 * m->kbps * 1000 / rate;
	m->samples = samples;
	m->frames = (samples + DELAY + FRAME_SAMPLES - 1) / FRAME_SAMPLES;
	m->chunks = (m->frames + MP3_CHUNK_FRAMES - 1) / MP3_CHUNK_FRAMES;
	m->header_bytes = mp3_header_bytes(m);
	m->length = m->header_bytes + m->frames * m->frame_bytes;
	return (OK);
}

int64_t
mp3_chunk_at(const struct mp3 *m, int64_t offset)
{
	return ((offset - m->header_bytes) /
	    (MP3_CHUNK_FRAMES * m->frame_bytes));
}

int64_t
mp3_chunk_offset(const struct mp3 *m, int64_t chunk)
{
	return (m->header_bytes +
	    chunk * MP3_CHUNK_FRAMES * m->frame_bytes);
}

/* Number of frames in a chunk; the last chunk may have fewer. */
static int
chunk_frames(const struct mp3 *m, int64_t chunk)
{
	int64_t	 left;

	left = m->frames - chunk * MP3_CHUNK_FRAMES;
	return (left < MP3_CHUNK_FRAMES ? (int)left : MP3_CHUNK_FRAMES);
}

size_t
mp3_chunk_bytes(const struct mp3 *m, int64_t chunk)
{
	return ((size_t)chunk_frames(m, chunk) * (size_t)m->frame_bytes);
}

static void
ignore_message(const char *fmt, va_list ap)
{
	(void)fmt;
	(void)ap;
}

/* Returns NULL when memory is exhausted or LAME rejected a parameter. */
static lame_global_flags *
encoder_new(const struct mp3 *m)
{
	lame_global_flags	*g;

	if ((g = lame_init()) == NULL)
		return (NULL);
	lame_set_errorf(g, ignore_message);
	lame_set_debugf(g, ignore_message);
	lame_set_msgf(g, ignore_message);
	lame_set_num_channels(g, m->channels);
	lame_set_in_samplerate(g, m->rate);
	lame_set_out_samplerate(g, m->rate);
	lame_set_brate(g, m->kbps);
	lame_set_VBR(g, vbr_off);
	lame_set_disable_reservoir(g, 1);
	lame_set_bWriteVbrTag(g, 0);
	lame_set_write_id3tag_automatic(g, 0);
	lame_set_mode(g, m->channels == 2 ? STEREO : MONO);
	lame_set_quality(g, QUALITY);
	if (lame_init_params(g) >= 0 &&
	    lame_get_framesize(g) == m->frame_samples &&
	    lame_get_out_samplerate(g) == m->rate)
		return (g);
	lame_close(g);
	return (NULL);
}

/* Encodes the samples of a frame. Returns the number of bytes of the complete
 * frames that were written to out, or -1. */
static int
encode_step(lame_global_flags *g, const struct mp3 *m, int16_t *pcm,
    uint8_t *out)
{
	int	 n;

	if (m->channels == 2)
		n = lame_encode_buffer_interleaved(g, pcm, m->frame_samples,
		    out, ENCODED_MAX);
	else
		n = lame_encode_buffer(g, pcm, NULL, m->frame_samples,
		    out, ENCODED_MAX);
	return (n < 0 || n % m->frame_bytes != 0 ? -1 : n);
}

/*
 * Encodes pcm, which has the samples of `steps` frames. Drops the priming
 * frames and keeps the next `frames`. The encoder delays its output by one or
 * two frames, so pcm has some more at its end; flushing would add silence.
 */
static enum result
encode_frames(lame_global_flags *g, const struct mp3 *m, int16_t *pcm,
    int steps, int frames, uint8_t *out)
{
	uint8_t	 encoded[ENCODED_MAX];
	size_t	 size;
	int	 at, done, i, n;

	size = (size_t)m->frame_bytes;
	done = -PRIMING_FRAMES;
	for (i = 0; i < steps && done < frames; i++) {
		n = encode_step(g, m,
		    pcm + i * m->frame_samples * m->channels, encoded);
		if (n == -1)
			return (FAILED);
		for (at = 0; at < n && done < frames; done++) {
			if (done >= 0)
				memcpy(out + (size_t)done * size,
				    encoded + at, size);
			at += m->frame_bytes;
		}
	}
	return (done == frames ? OK : FAILED);
}

enum result
mp3_encode(const struct mp3 *m, const struct source *s, int64_t chunk,
    uint8_t *out)
{
	enum result		 r;
	lame_global_flags	*g;
	int16_t			*pcm;
	int64_t			 first;
	int			 frames, steps;

	if (chunk < 0 || chunk >= m->chunks)
		return (INVALID);
	frames = chunk_frames(m, chunk);
	steps = PRIMING_FRAMES + frames + LOOK_AHEAD_FRAMES;
	first = chunk * MP3_CHUNK_FRAMES - PRIMING_FRAMES;
	pcm = malloc(sizeof(*pcm) * (size_t)(steps * m->frame_samples *
	    m->channels));
	g = encoder_new(m);
	if (pcm == NULL || g == NULL)
		r = FAILED;
	else
		r = source_read(s, first * m->frame_samples,
		    steps * m->frame_samples, pcm);
	if (r == OK)
		r = encode_frames(g, m, pcm, steps, frames, out);
	if (g != NULL)
		lame_close(g);
	free(pcm);
	return (r);
}

static char	fingerprint[128];

static void
make_fingerprint(void)
{
	(void)snprintf(fingerprint, sizeof(fingerprint),
	    "lame %s %s q%d p%d n%d cbr24/32 id3 info1", get_lame_version(),
	    ARCHITECTURE, QUALITY, PRIMING_FRAMES, MP3_CHUNK_FRAMES);
}

const char *
mp3_fingerprint(void)
{
	static pthread_once_t	 once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, make_fingerprint);
	return (fingerprint);
}
