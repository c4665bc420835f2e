/*
 * Computes the positions of turns and mixes the audio of a call: caller left,
 * callee right, or both in one channel, with comfort noise; silence while the
 * recording is paused.
 */
#include <err.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>

#include "demo.h"

#define NOISE		26	/* standard deviation: about -62 dBFS */

static int64_t	 samples_of(const struct call *, double);
static void	 mix(const struct call *, int64_t, int16_t *);
static void	 mix_line(const struct call *, const struct line *, int64_t,
		    int32_t *);
static int32_t	 noise(uint64_t *);

/* Rounds to milliseconds, so that the times in the document are exact. */
static int64_t
samples_of(const struct call *call, double seconds)
{
	return ((int64_t)(seconds * 1000) * (call->rate / 1000));
}

void
call_place(struct call *call)
{
	struct line	*l;
	int64_t		 free_at[2], end, ms;
	uint64_t	 chance;
	size_t		 i;

	ms = call->rate / 1000;
	chance = call->seed;
	end = samples_of(call, 0.4);
	free_at[CALLER] = free_at[CALLEE] = 0;
	for (i = 0; i < call->turns.n; i++) {
		l = &call->turns.line[i];
		if (l->kind == PAUSE) {
			end += samples_of(call, l->seconds);
		} else if (l->kind == HOLD) {
			l->start = end + samples_of(call, 0.5);
			l->end = end = l->start + samples_of(call, l->seconds);
		} else {
			l->start = l->seconds > 0 ?
			    end - samples_of(call, l->seconds) :
			    end + ms * (int64_t)(250 + draw(&chance, 650));
			if (l->start < free_at[l->speaker])
				l->start = free_at[l->speaker];
			l->end = l->start + (l->clip->n + ms - 1) / ms * ms;
			free_at[l->speaker] = l->end;
			end = l->end > end ? l->end : end;
		}
	}
	call->samples = end + samples_of(call, 0.8);
}

/* The sum of four uniform random numbers, which is nearly Gaussian. */
static int32_t
noise(uint64_t *state)
{
	uint64_t	bits;
	int32_t		sum;

	bits = draw(state, UINT64_C(1) << 31);
	sum = (int32_t)((bits & 127) + (bits >> 7 & 127) + (bits >> 14 & 127) +
	    (bits >> 21 & 127)) - 254;
	return (sum * NOISE / 74);
}

/* Adds the part of a line that is in the second from sample at on. */
static void
mix_line(const struct call *call, const struct line *l, int64_t at,
    int32_t *second)
{
	int64_t	 i, from, to;
	int	 channel, c;

	from = l->start > at ? l->start - at : 0;
	to = l->end - at < call->rate ? l->end - at : call->rate;
	channel = call->channels == 1 ? 0 : (int)l->speaker;
	for (i = from; i < to; i++) {
		if (l->kind == HOLD) {
			for (c = 0; c < call->channels; c++)
				second[i * call->channels + c] = 0;
		} else if (at + i - l->start < l->clip->n) {
			second[i * call->channels + channel] +=
			    l->clip->samples[at + i - l->start];
		}
	}
}

/* Mixes the second from sample at on, interleaved. */
static void
mix(const struct call *call, int64_t at, int16_t *out)
{
	const struct line	*l;
	int32_t			*second;
	uint64_t		 chance;
	size_t			 i, n;

	n = (size_t)(call->rate * call->channels);
	second = calloc(n, sizeof(*second));
	if (second == NULL)
		err(1, NULL);
	chance = call->seed + (uint64_t)at;
	for (i = 0; i < n; i++)
		second[i] = noise(&chance);
	for (i = 0; i < call->turns.n; i++) {
		l = &call->turns.line[i];
		if ((l->kind == SAY || l->kind == HOLD) &&
		    l->start < at + call->rate && l->end > at)
			mix_line(call, l, at, second);
	}
	for (i = 0; i < n; i++)
		out[i] = (int16_t)(second[i] > INT16_MAX ? INT16_MAX :
		    second[i] < INT16_MIN ? INT16_MIN : second[i]);
	free(second);
}

void
call_write_audio(const struct call *call, const char *path)
{
	static const int	 formats[] = {
		[PCM16] = SF_FORMAT_PCM_16,
		[ALAW] = SF_FORMAT_ALAW,
		[ULAW] = SF_FORMAT_ULAW,
	};
	SF_INFO			 info = { .samplerate = call->rate,
	    .channels = call->channels,
	    .format = SF_FORMAT_WAV | formats[call->format] };
	SNDFILE			*wav;
	int16_t			*second;
	int64_t			 at, n;

	wav = sf_open(path, SFM_WRITE, &info);
	second = calloc((size_t)(call->rate * call->channels),
	    sizeof(*second));
	if (wav == NULL || second == NULL)
		errx(1, "%s: %s", path, sf_strerror(wav));
	for (at = 0; at < call->samples; at += n) {
		n = call->samples - at < call->rate ?
		    call->samples - at : call->rate;
		mix(call, at, second);
		if (sf_writef_short(wav, second, n) != n)
			errx(1, "%s: %s", path, sf_strerror(wav));
	}
	if (sf_close(wav) != 0)
		errx(1, "%s: not written", path);
	free(second);
}
