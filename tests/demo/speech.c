/*
 * Speech: espeak-ng speaks a text in a voice. Then the audio is filtered to the
 * band of a telephone (300-3400 Hz, or 50-7000 Hz wideband), the silence around
 * it is removed, and its loudness is normalised. Each text, voice and rate is
 * made once.
 */
#include <err.h>
#include <espeak-ng/espeak_ng.h>
#include <espeak-ng/speak_lib.h>
#include <math.h>
#include <pthread.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "demo.h"

#define LOUDNESS	3000.0	/* target RMS, of 32767 */
#define PEAK		30000.0
#define QUIET		90	/* samples below it are silence */
#define SOURCE		22050	/* sample rate of espeak-ng */
#define STEP		50	/* divides SOURCE, 8000 and 16000 */
#define TAPS		128	/* of the low-pass, in samples of the source */

static const struct voice {
	const char	*name, *variant;
	int		 pitch, speed;	/* of 100; words a minute */
} voices[] = {
	{ "f1", "fr+f1", 52, 168 },
	{ "f2", "fr+f2", 60, 162 },
	{ "f3", "fr-be+f3", 46, 158 },
	{ "f4", "fr+f4", 56, 172 },
	{ "f5", "fr-ch+f5", 50, 164 },
	{ "m1", "fr+m1", 42, 166 },
	{ "m2", "fr-be+m2", 34, 170 },
	{ "m3", "fr+m3", 38, 165 },
	{ "m4", "fr+m4", 30, 160 },
	{ "m7", "fr-ch+m7", 44, 174 },
};

/* Audio from espeak-ng, with TAPS / 2 zeros on both sides. */
struct wav {
	int16_t	*samples;
	int64_t	 n;
	size_t	 size;	/* bytes allocated */
};

static struct kernel {
	int	 rate;
	double	 cut;	/* Hz */
	float	 taps[16000 / STEP][TAPS];
} kernels[2] = {
	{ .rate = 8000, .cut = 3400 },
	{ .rate = 16000, .cut = 7000 },
};

static struct wav	  spoken;	/* being spoken */
static struct clip	**clips;
static size_t		  nclips;
static void		 *index_root;

static int		 compare(const void *, const void *);
static const struct voice *voice_get(const char *);
static char		*pronounceable(const char *);
static int		 append_audio(short *, int, espeak_EVENT *);
static struct wav	 say(const struct clip *);
static void		 espeak_open(void);
static void		 kernel_fill(struct kernel *);
static double		*band(const struct wav *, int, int64_t *);
static void		 low_cut(double *, int64_t, int);
static void		 level(struct clip *, const double *, int64_t);

static int
compare(const void *a, const void *b)
{
	const struct clip	*x = a, *y = b;
	int			 order;

	if (x->rate != y->rate)
		return (x->rate < y->rate ? -1 : 1);
	order = strcmp(x->voice, y->voice);
	return (order != 0 ? order : strcmp(x->text, y->text));
}

struct clip *
clip_get(const char *voice, int rate, const char *text)
{
	struct clip	 wanted = { voice, rate, text, NULL, 0 };
	struct clip	*clip, **found;

	found = tfind(&wanted, &index_root, compare);
	if (found != NULL)
		return (*found);
	clip = calloc(1, sizeof(*clip));
	if (clip == NULL)
		err(1, NULL);
	*clip = wanted;
	if (tsearch(clip, &index_root, compare) == NULL)
		err(1, NULL);
	clips = grow(clips, nclips, sizeof(struct clip *));
	clips[nclips++] = clip;
	return (clip);
}

size_t
clip_count(void)
{
	return (nclips);
}

static const struct voice *
voice_get(const char *name)
{
	size_t	i;

	for (i = 0; i < sizeof(voices) / sizeof(voices[0]); i++)
		if (strcmp(voices[i].name, name) == 0)
			return (&voices[i]);
	errx(1, "no voice \"%s\"", name);
}

/* Replaces typographic characters that espeak-ng reads badly. */
static char *
pronounceable(const char *text)
{
	static const struct {
		const char	*written, *said;
	} rules[] = {
		{ "\u202fh\u202f", " heures " }, { "\u202fh", " heures" },
		{ "\u2019", "'" }, { "\u202f€", " €" }, { "\u202f%", " %" },
		{ "\u202f?", " ?" }, { "\u202f!", " !" }, { "\u202f;", " ;" },
		{ "\u202f", "" },	/* 1 250 */
		{ "\u00a0", " " },
	};
	FILE	*out;
	char	*said;
	size_t	 size, i, n, len;

	n = sizeof(rules) / sizeof(rules[0]);
	out = open_memstream(&said, &size);
	if (out == NULL)
		err(1, NULL);
	while (*text != '\0') {
		for (i = 0; i < n; i++) {
			len = strlen(rules[i].written);
			if (strncmp(text, rules[i].written, len) == 0)
				break;
		}
		if (i < n) {
			fputs(rules[i].said, out);
			text += len;
		} else {
			fputc(*text++, out);
		}
	}
	if (fclose(out) != 0)
		err(1, NULL);
	return (said);
}

/* Callback of espeak-ng: appends a piece of audio. */
static int
append_audio(short *samples, int n, espeak_EVENT *events)
{
	size_t	 size;

	(void)events;
	if (samples == NULL)
		return (0);
	size = (size_t)(spoken.n + n + TAPS / 2) * sizeof(*spoken.samples);
	if (size > spoken.size) {
		spoken.size = 2 * size;
		spoken.samples = realloc(spoken.samples, spoken.size);
		if (spoken.samples == NULL)
			err(1, NULL);
	}
	memcpy(spoken.samples + spoken.n, samples,
	    (size_t)n * sizeof(*samples));
	spoken.n += n;
	return (0);
}

/* Speaks a clip. The caller holds the lock, as espeak-ng is not thread-safe. */
static struct wav
say(const struct clip *clip)
{
	static const int16_t	 zeros[TAPS / 2];
	const struct voice	*v = voice_get(clip->voice);
	char			*text;

	if (espeak_ng_SetVoiceByName(v->variant) != ENS_OK)
		errx(1, "espeak-ng has no voice %s", v->variant);
	espeak_SetParameter(espeakPITCH, v->pitch, 0);
	espeak_SetParameter(espeakRATE, v->speed, 0);
	memset(&spoken, 0, sizeof(spoken));
	append_audio((short *)zeros, TAPS / 2, NULL);
	text = pronounceable(clip->text);
	if (espeak_Synth(text, strlen(text) + 1, 0, POS_CHARACTER, 0,
	    espeakCHARS_UTF8, NULL, NULL) != EE_OK)
		errx(1, "espeak-ng could not say: %s", text);
	append_audio((short *)zeros, TAPS / 2, NULL);
	free(text);
	return (spoken);
}

static void
espeak_open(void)
{
	if (espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, NULL, 0) != SOURCE)
		errx(1, "espeak-ng does not speak at %d Hz", SOURCE);
	espeak_SetSynthCallback(append_audio);
	kernel_fill(&kernels[0]);
	kernel_fill(&kernels[1]);
}

bool
clip_make_next(void *unused)
{
	static pthread_mutex_t	 lock = PTHREAD_MUTEX_INITIALIZER;
	static size_t		 next;
	struct clip		*clip;
	struct wav		 said;
	double			*x;
	int64_t			 n;

	(void)unused;
	pthread_mutex_lock(&lock);
	if (next == 0)
		espeak_open();
	clip = next < nclips ? clips[next++] : NULL;
	/* in a fixed order, because the previous text changes a voice */
	if (clip != NULL)
		said = say(clip);
	pthread_mutex_unlock(&lock);
	if (clip == NULL)
		return (false);
	x = band(&said, clip->rate, &n);
	low_cut(x, n, clip->rate);
	level(clip, x, n);
	free(said.samples);
	free(x);
	return (true);
}

/* Computes the low-pass filter for resampling: a windowed sinc (Hann), a row of
 * taps for each position between two samples. */
static void
kernel_fill(struct kernel *k)
{
	double	 x, cut;
	int	 row, tap;

	cut = k->cut / SOURCE;
	for (row = 0; row < k->rate / STEP; row++) {
		for (tap = 0; tap < TAPS; tap++) {
			x = (double)row * STEP / k->rate + TAPS / 2 - 1 - tap;
			k->taps[row][tap] = (float)((1 +
			    cos(2 * M_PI * x / TAPS)) * (fabs(x) < 1e-9 ? cut :
			    sin(2 * M_PI * cut * x) / (2 * M_PI * x)));
		}
	}
}

/* Resamples and filters in one step. Stores the number of samples in *n. */
static double *
band(const struct wav *in, int rate, int64_t *n)
{
	const struct kernel	*kernel = &kernels[rate == 8000 ? 0 : 1];
	const float		*taps;
	double			*out;
	float			 sum;
	int64_t			 i, at, first;
	int			 tap;

	*n = (in->n - TAPS) * rate / SOURCE;
	out = calloc((size_t)*n + 1, sizeof(*out));
	if (out == NULL)
		err(1, NULL);
	for (i = 0; i < *n; i++) {
		at = i * SOURCE;
		first = at / rate;
		taps = kernel->taps[at % rate / STEP];
		sum = 0;
		for (tap = 0; tap < TAPS; tap++)
			sum += taps[tap] * (float)in->samples[first + tap];
		out[i] = (double)sum;
	}
	return (out);
}

/* Applies a Butterworth high-pass of order 2 (bilinear transform). */
static void
low_cut(double *x, int64_t n, int rate)
{
	double	 k, norm, a1, a2, in, out, s1, s2;
	int64_t	 i;

	k = tan(M_PI * (rate == 8000 ? 300.0 : 50.0) / rate);
	norm = 1 / (1 + M_SQRT2 * k + k * k);
	a1 = 2 * (k * k - 1) * norm;
	a2 = (1 - M_SQRT2 * k + k * k) * norm;
	s1 = s2 = 0;
	for (i = 0; i < n; i++) {
		in = x[i];
		out = norm * in + s1;
		s1 = -2 * norm * in - a1 * out + s2;
		s2 = norm * in - a2 * out;
		x[i] = out;
	}
}

static void
level(struct clip *clip, const double *x, int64_t n)
{
	double	 power, peak, gain;
	int64_t	 i, from, to;

	for (from = 0; from < n && fabs(x[from]) < QUIET; from++)
		;
	for (to = n; to > from && fabs(x[to - 1]) < QUIET; to--)
		;
	power = peak = 1;
	for (i = from; i < to; i++) {
		power += x[i] * x[i];
		peak = fmax(peak, fabs(x[i]));
	}
	gain = LOUDNESS / sqrt(power / (double)(to - from + 1));
	gain = fmin(gain, PEAK / peak);
	clip->n = to - from;
	clip->samples = calloc((size_t)clip->n + 1, sizeof(*clip->samples));
	if (clip->samples == NULL)
		err(1, NULL);
	for (i = 0; i < clip->n; i++)
		clip->samples[i] = (int16_t)lrint(gain * x[from + i]);
}
