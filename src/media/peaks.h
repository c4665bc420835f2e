/*
 * The waveform of a call: for each interval, the highest absolute sample as a
 * level from 0 to 255, 255 * sqrt(peak / 32768), rounded. With the square root
 * speech at -12 dB has half the height of the maximum, a whisper at -40 dB a
 * tenth, and line noise almost none. Levels of two channels are interleaved:
 * caller, callee, caller, …
 *
 * A long waveform is made of slots, 50 per second, whose positions do not
 * depend on the request, so that blocks of slots can be cached. A short
 * waveform is computed from the samples.
 */
#ifndef MEDIA_PEAKS_H
#define MEDIA_PEAKS_H

#include <stdbool.h>

#include "media/source.h"

#define PEAKS_MAX		4000	/* levels per channel */
#define PEAKS_BLOCK_SLOTS	30000	/* ten minutes */
#define PEAKS_BLOCK_MAX		(2 * PEAKS_BLOCK_SLOTS)	/* bytes */

/* A waveform: the levels of n intervals of equal length. */
struct peaks {
	int64_t	first, span;	/* samples per channel */
	int64_t	slot;		/* samples in a slot */
	int64_t	samples;	/* of the call */
	int	n;
	int	channels;
	uint8_t	levels[2 * PEAKS_MAX];	/* n per channel; 0: no sound */
};

/* Prepares an empty waveform from from_ms (inclusive) to to_ms (exclusive),
 * which may be outside the call. n is 1 to PEAKS_MAX. */
void		peaks_plan(struct peaks *p, const struct source_info *info,
		    int64_t from_ms, int64_t to_ms, int n);
/* Returns whether the intervals are too short for slots; then use
 * peaks_look(). */
bool		peaks_is_fine(const struct peaks *p);
/* Computes the waveform from the samples. Errors as of source_read(). */
enum result	peaks_look(struct peaks *p, const struct source *s);

/* The waveform needs the blocks peaks_first_block() (inclusive) to
 * peaks_last_block() (exclusive). */
int64_t		peaks_first_block(const struct peaks *p);
int64_t		peaks_last_block(const struct peaks *p);
/* Bytes of a block: one per slot and channel. The last block of a call may be
 * shorter. */
size_t		peaks_block_bytes(const struct peaks *p, int64_t block);
/* Computes the levels of a block, from ten minutes of audio, which is read 256
 * KB at a time. Errors as of source_read(). */
enum result	peaks_block(const struct peaks *p, const struct source *s,
		    int64_t block, uint8_t *out);
/* Adds a block to the waveform. */
void		peaks_add(struct peaks *p, int64_t block,
		    const uint8_t *levels);

#endif
