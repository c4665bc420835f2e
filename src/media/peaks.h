/*
 * How loud a call is from moment to moment, for its picture: the highest
 * absolute sample of each stretch, as a level from 0 to 255. Levels are
 * 255 * sqrt(peak / 32768), rounded: speech at -12 dB stands half as high as
 * the loudest, a whisper at -40 dB still a tenth, noise of the line stays
 * flat. Levels of several channels are interleaved as samples are: caller,
 * callee, caller, …
 *
 * A picture of a long stretch is made of slots, 50 a second, which lie at the
 * same instants whoever asks: a block of them may be kept and serves every
 * picture that covers it. A short stretch is looked at itself, to the sample.
 */
#ifndef MEDIA_PEAKS_H
#define MEDIA_PEAKS_H

#include <stdbool.h>

#include "media/source.h"

#define PEAKS_MAX		4000	/* levels a channel in a picture */
#define PEAKS_BLOCK_SLOTS	30000	/* of ten minutes */
#define PEAKS_BLOCK_MAX		(2 * PEAKS_BLOCK_SLOTS)	/* bytes */

/* A picture: levels of n stretches of equal length. */
struct peaks {
	int64_t	first, span;	/* samples a channel */
	int64_t	slot;		/* samples of a slot */
	int64_t	samples;	/* of the call */
	int	n;
	int	channels;
	uint8_t	levels[2 * PEAKS_MAX];	/* n of each channel; 0: no sound */
};

/* The picture of from_ms to to_ms (behind it), still empty; it may reach
 * beyond the call. n: 1 to PEAKS_MAX. */
void		peaks_plan(struct peaks *p, const struct source_info *info,
		    int64_t from_ms, int64_t to_ms, int n);
/* true: the picture is too fine for slots, peaks_look() it is. */
bool		peaks_is_fine(const struct peaks *p);
/* Fills the picture from the samples. Errors of the source. */
enum result	peaks_look(struct peaks *p, const struct source *s);

/* Blocks first to last - 1 are what a picture of slots is made of. */
int64_t		peaks_first_block(const struct peaks *p);
int64_t		peaks_last_block(const struct peaks *p);
/* Bytes of a block: one a slot and channel; the call's last is shorter. */
size_t		peaks_block_bytes(const struct peaks *p, int64_t block);
/* Makes a block's levels: one pass over ten minutes, read 256 KB at a time.
 * Errors of the source. */
enum result	peaks_block(const struct peaks *p, const struct source *s,
		    int64_t block, uint8_t *out);
/* Puts a block into the picture. */
void		peaks_add(struct peaks *p, int64_t block,
		    const uint8_t *levels);

#endif
