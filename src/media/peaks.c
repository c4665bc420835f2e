/*
 * A G.711 byte without its sign, and with its inverted bits restored, is
 * monotonic in the absolute sample (ITU-T G.711, tables 1 and 2). So bytes are
 * compared without decoding, sixteen at once, and only the highest is decoded.
 */
#include <endian.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "media/g711.h"
#include "media/peaks.h"

#define SLOTS_A_SECOND	50
#define PIECE_BYTES	262144	/* of one read */
#define LANES		16	/* bytes compared at once; even */

#define ALAW_FLIP	0x55	/* bits that A-law inverts */
#define ULAW_FLIP	0x7f

/* Highest absolute value of each channel. */
struct loudest {
	int	value[2];
};

static void
keep_louder(struct loudest *l, int channels, int left, int right)
{
	if (channels == 1)
		left = left > right ? left : right;
	if (left > l->value[0])
		l->value[0] = left;
	if (right > l->value[1])
		l->value[1] = right;
}

/* Updates l with n bytes of G.711. A lane without a byte stays at the lowest
 * level. */
static void
bytes_loudest(struct loudest *l, const uint8_t *p, size_t n, int channels,
    uint8_t flip, const int16_t *table)
{
	uint8_t	 top[LANES] = { 0 }, v;
	size_t	 i, j;

	for (i = 0; i + LANES <= n; i += LANES)
		for (j = 0; j < LANES; j++) {
			v = (p[i + j] ^ flip) & 0x7f;
			top[j] = v > top[j] ? v : top[j];
		}
	for (j = 0; i + j < n; j++) {
		v = (p[i + j] ^ flip) & 0x7f;
		top[j] = v > top[j] ? v : top[j];
	}
	for (i = LANES / 2; i >= 2; i /= 2)
		for (j = 0; j < i; j++)
			top[j] = top[i + j] > top[j] ? top[i + j] : top[j];
	keep_louder(l, channels, table[(top[0] ^ flip) | 0x80],
	    table[(top[1] ^ flip) | 0x80]);
}

static int16_t
sample_at(const uint8_t *p, size_t i)
{
	uint16_t	 v;

	memcpy(&v, p + 2 * i, sizeof(v));
	return ((int16_t)le16toh(v));
}

/* Updates l with n samples. The lowest sample may be -32768, whose absolute
 * value does not fit in int16_t. */
static void
pcm_loudest(struct loudest *l, const uint8_t *p, size_t n, int channels)
{
	int16_t	 top[LANES] = { 0 }, low[LANES] = { 0 }, v;
	size_t	 i, j;

	for (i = 0; i + LANES <= n; i += LANES)
		for (j = 0; j < LANES; j++) {
			v = sample_at(p, i + j);
			top[j] = v > top[j] ? v : top[j];
			low[j] = v < low[j] ? v : low[j];
		}
	for (j = 0; i + j < n; j++) {
		v = sample_at(p, i + j);
		top[j] = v > top[j] ? v : top[j];
		low[j] = v < low[j] ? v : low[j];
	}
	for (i = LANES / 2; i >= 2; i /= 2)
		for (j = 0; j < i; j++) {
			top[j] = top[i + j] > top[j] ? top[i + j] : top[j];
			low[j] = low[i + j] < low[j] ? low[i + j] : low[j];
		}
	keep_louder(l, channels, top[0] > -low[0] ? top[0] : -low[0],
	    top[1] > -low[1] ? top[1] : -low[1]);
}

/* Updates l with frames as they are in the file. */
static void
raw_loudest(struct loudest *l, const struct source_info *info,
    const uint8_t *p, size_t frames)
{
	size_t	 n = frames * (size_t)info->channels;

	if (info->format == SOURCE_PCM16)
		pcm_loudest(l, p, n, info->channels);
	else if (info->format == SOURCE_ALAW)
		bytes_loudest(l, p, n, info->channels, ALAW_FLIP, g711_alaw);
	else
		bytes_loudest(l, p, n, info->channels, ULAW_FLIP, g711_ulaw);
}

static uint8_t
level_of(int peak)
{
	return ((uint8_t)(255 * sqrtf((float)peak / 32768) + 0.5F));
}

/* The computation of the levels of n intervals of equal length. */
struct scan {
	const struct source	*source;
	int64_t			 first, span;
	int			 n;
	int			 i;	/* the current interval */
	struct loudest		 loudest;	/* in it so far */
	uint8_t			*levels;
};

/* First sample of an interval; the end is at least one sample later. */
static int64_t
stretch_start(const struct scan *c, int i)
{
	return (c->first + c->span * i / c->n);
}

static int64_t
stretch_end(const struct scan *c, int i)
{
	int64_t	 start = stretch_start(c, i), end = stretch_start(c, i + 1);

	return (end > start ? end : start + 1);
}

static void
stretch_done(struct scan *c)
{
	int	 channels = c->source->info.channels, k;

	for (k = 0; k < channels; k++)
		c->levels[c->i * channels + k] = level_of(c->loudest.value[k]);
	memset(&c->loudest, 0, sizeof(c->loudest));
	c->i++;
}

/* Adds a piece of the file, the samples from at to end, to its intervals. */
static void
scan_piece(struct scan *c, const uint8_t *piece, int64_t at, int64_t end)
{
	const struct source_info	*info = &c->source->info;
	int64_t				 from, to;

	while (c->i < c->n && stretch_start(c, c->i) < end) {
		from = stretch_start(c, c->i);
		to = stretch_end(c, c->i);
		from = from > at ? from : at;
		raw_loudest(&c->loudest, info,
		    piece + (size_t)(from - at) * source_frame_bytes(info),
		    (size_t)((to < end ? to : end) - from));
		if (to > end)
			return;		/* continues in the next piece */
		stretch_done(c);
	}
}

/* Computes the levels of n intervals; those outside the call are 0. */
static enum result
scan_source(const struct source *s, int64_t first, int64_t span, int n,
    uint8_t *levels)
{
	struct scan	 c = { s, first, span, n, 0, { { 0, 0 } }, levels };
	enum result	 r = OK;
	int64_t		 at, end, most;
	uint8_t		*piece;

	memset(levels, 0, (size_t)n * (size_t)s->info.channels);
	if ((piece = malloc(PIECE_BYTES)) == NULL)
		return (FAILED);
	most = PIECE_BYTES / (int64_t)source_frame_bytes(&s->info);
	end = first + span < s->info.samples ? first + span : s->info.samples;
	for (at = first; at < end && r == OK; at += most) {
		most = end - at < most ? end - at : most;
		r = source_read_raw(s, at, (size_t)most, piece);
		if (r == OK)
			scan_piece(&c, piece, at, at + most);
	}
	if (r == OK && c.i < n)
		stretch_done(&c);	/* the call ends in it */
	free(piece);
	return (r);
}

void
peaks_plan(struct peaks *p, const struct source_info *info, int64_t from_ms,
    int64_t to_ms, int n)
{
	memset(p, 0, sizeof(*p));
	p->first = from_ms * info->rate / 1000;
	p->span = to_ms * info->rate / 1000 - p->first;
	p->slot = info->rate / SLOTS_A_SECOND;
	p->samples = info->samples;
	p->n = n;
	p->channels = info->channels;
}

bool
peaks_is_fine(const struct peaks *p)
{
	return (p->span < 2 * p->slot * p->n);
}

enum result
peaks_look(struct peaks *p, const struct source *s)
{
	return (scan_source(s, p->first, p->span, p->n, p->levels));
}

static int64_t
block_samples(const struct peaks *p)
{
	return (PEAKS_BLOCK_SLOTS * p->slot);
}

/* End of the waveform or of the call, whichever is first. */
static int64_t
sound_end(const struct peaks *p)
{
	int64_t	 end = p->first + p->span;

	return (end < p->samples ? end : p->samples);
}

int64_t
peaks_first_block(const struct peaks *p)
{
	return (p->first / block_samples(p));
}

int64_t
peaks_last_block(const struct peaks *p)
{
	if (sound_end(p) <= p->first)
		return (peaks_first_block(p));
	return ((sound_end(p) + block_samples(p) - 1) / block_samples(p));
}

static int64_t
block_slots(const struct peaks *p, int64_t block)
{
	int64_t	 slots = (p->samples + p->slot - 1) / p->slot -
		    block * PEAKS_BLOCK_SLOTS;

	return (slots < PEAKS_BLOCK_SLOTS ? slots : PEAKS_BLOCK_SLOTS);
}

size_t
peaks_block_bytes(const struct peaks *p, int64_t block)
{
	return ((size_t)block_slots(p, block) * (size_t)p->channels);
}

enum result
peaks_block(const struct peaks *p, const struct source *s, int64_t block,
    uint8_t *out)
{
	int64_t	 slots = block_slots(p, block);

	return (scan_source(s, block * block_samples(p), slots * p->slot,
	    (int)slots, out));
}

/* The interval of a sample. */
static int64_t
stretch_of(const struct peaks *p, int64_t sample)
{
	return ((sample - p->first) * p->n / p->span);
}

/* A slot belongs to the interval of its first sample, or to the first interval
 * when that sample is before it. */
void
peaks_add(struct peaks *p, int64_t block, const uint8_t *levels)
{
	int64_t	 slot = block * PEAKS_BLOCK_SLOTS, last, at, i;
	uint8_t	*level;
	int	 k;

	last = slot + block_slots(p, block);
	if (slot < p->first / p->slot) {
		levels += (p->first / p->slot - slot) * p->channels;
		slot = p->first / p->slot;
	}
	for (; slot < last && slot * p->slot < p->first + p->span; slot++) {
		at = slot * p->slot;
		i = stretch_of(p, at > p->first ? at : p->first);
		level = p->levels + i * p->channels;
		for (k = 0; k < p->channels; k++, levels++)
			if (*levels > level[k])
				level[k] = *levels;
	}
}
