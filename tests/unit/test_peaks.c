/*
 * Levels of known audio; levels of slots compared with those of the samples;
 * the edges of calls, blocks and pieces.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "media/g711.h"
#include "media/peaks.h"
#include "wav.h"

/* A call in memory; the test owns data. */
struct call {
	struct bytes	 wav;
	struct store	 store;
	struct source	 source;
};

static void
call_open(struct call *c, unsigned tag, unsigned channels, unsigned rate,
    const void *data, size_t n)
{
	const char	*why;

	c->wav = make_wav(tag, channels, rate, data, n);
	c->store = memory_store(&c->wav);
	assert_int_equal(source_open(&c->source, &c->store, "x", &why), OK);
}

static void
call_close(struct call *c)
{
	source_close(&c->source);
	free(c->wav.data);
}

static int
level(int peak)
{
	return ((int)(255 * sqrt(peak / 32768.0) + 0.5));
}

/* Makes the levels, from samples or from blocks as the plan says. */
static void
draw(struct peaks *p, const struct call *c, int64_t from_ms, int64_t to_ms,
    int n)
{
	static uint8_t	 block[PEAKS_BLOCK_MAX];
	int64_t		 b;

	peaks_plan(p, &c->source.info, from_ms, to_ms, n);
	if (peaks_is_fine(p)) {
		assert_int_equal(peaks_look(p, &c->source), OK);
		return;
	}
	for (b = peaks_first_block(p); b < peaks_last_block(p); b++) {
		assert_true(peaks_block_bytes(p, b) <= sizeof(block));
		assert_int_equal(peaks_block(p, &c->source, b, block), OK);
		peaks_add(p, b, block);
	}
}

/* Two seconds of 8 kHz stereo PCM: the caller is loud in the first, the callee
 * in the second, with the lowest possible sample. */
static void
test_known(void **state)
{
	static int16_t		 pcm[2 * 16000];
	static struct peaks	 p;
	struct call		 c;

	(void)state;
	memset(pcm, 0, sizeof(pcm));
	pcm[2 * 4000] = 8192;
	pcm[2 * 12000 + 1] = INT16_MIN;
	call_open(&c, 1, 2, 8000, pcm, sizeof(pcm));
	draw(&p, &c, 0, 2000, 4);
	assert_int_equal(p.channels, 2);
	assert_memory_equal(p.levels, ((uint8_t[]) { 0, 0, 128, 0, 0, 0,
	    0, 255 }), 8);
	draw(&p, &c, 0, 2000, 2);
	assert_memory_equal(p.levels, ((uint8_t[]){ 128, 0, 0, 255 }), 4);
	/* a part of the call; levels beyond its end are 0 */
	draw(&p, &c, 1500, 2500, 2);
	assert_memory_equal(p.levels, ((uint8_t[]){ 0, 255, 0, 0 }), 4);
	draw(&p, &c, 5000, 9000, 2);
	assert_memory_equal(p.levels, ((uint8_t[]){ 0, 0, 0, 0 }), 4);
	draw(&p, &c, 700000, 9000000, 2);
	assert_memory_equal(p.levels, ((uint8_t[]){ 0, 0, 0, 0 }), 4);
	call_close(&c);
}

/* Each byte of G.711 has the level of its sample, also when it is the only
 * one. */
static void
test_g711(void **state)
{
	static struct peaks	 p;
	struct call		 c;
	const int16_t		*table;
	uint8_t			 data[33];
	unsigned		 tag;
	int			 byte;

	(void)state;
	for (tag = 6; tag <= 7; tag++)
		for (byte = 0; byte < 256; byte++) {
			table = tag == 6 ? g711_alaw : g711_ulaw;
			memset(data, tag == 6 ? 0xd5 : 0xff, sizeof(data));
			data[32] = data[5] = (uint8_t)byte;
			call_open(&c, tag, 1, 8000, data, sizeof(data));
			draw(&p, &c, 0, 5, 1);
			assert_int_equal(p.levels[0], level(abs(table[byte])));
			call_close(&c);
			call_open(&c, tag, 1, 8000, data + 32, 1);
			draw(&p, &c, 0, 1, 1);
			assert_int_equal(p.levels[0], level(abs(table[byte])));
			call_close(&c);
		}
}

/* With more levels than samples, each sample is repeated. */
static void
test_finer_than_samples(void **state)
{
	static struct peaks	 p;
	struct call		 c;
	int16_t			 pcm[8] = { 0, 100, -200, 300, -400, 500,
				    -600, 32767 };
	int			 i;

	(void)state;
	call_open(&c, 1, 1, 8000, pcm, sizeof(pcm));
	draw(&p, &c, 0, 1, PEAKS_MAX);
	for (i = 0; i < PEAKS_MAX; i++)
		assert_int_equal(p.levels[i],
		    level(abs(pcm[i * 8 / PEAKS_MAX])));
	call_close(&c);
}

/* Returns the highest peak of a range, sample by sample. */
static int
slow(const int16_t *pcm, int channels, int lane, int64_t from, int64_t to)
{
	int64_t	 i;
	int	 peak = 0;

	for (i = from; i < to; i++)
		if (abs(pcm[i * channels + lane]) > peak)
			peak = abs(pcm[i * channels + lane]);
	return (peak);
}

/* Fine levels are exact to the sample, across the pieces of a read. */
static void
check_fine(const struct call *c, const int16_t *pcm, int64_t from_ms,
    int64_t to_ms, int n)
{
	static struct peaks	 p;
	int			 channels = c->source.info.channels, i, k;
	int64_t			 first, span;

	first = from_ms * c->source.info.rate / 1000;
	span = (to_ms - from_ms) * c->source.info.rate / 1000;
	draw(&p, c, from_ms, to_ms, n);
	assert_true(peaks_is_fine(&p));
	for (i = 0; i < n; i++)
		for (k = 0; k < channels; k++)
			assert_int_equal(p.levels[i * channels + k],
			    level(slow(pcm, channels, k, first + span * i / n,
			    first + span * (i + 1) / n)));
}

static void
test_fine(void **state)
{
	struct call	 c;
	int16_t		*pcm;
	unsigned	 channels;

	(void)state;
	for (channels = 1; channels <= 2; channels++) {
		pcm = make_sound(60 * 16000, channels, 16000);
		call_open(&c, 1, channels, 16000, pcm,
		    60 * 16000 * 2 * channels);
		check_fine(&c, pcm, 0, 60000, 4000);
		check_fine(&c, pcm, 1234, 40000, 1000);
		check_fine(&c, pcm, 59999, 60000, 3);
		call_close(&c);
		free(pcm);
	}
}

/* 25 minutes are three blocks. Overview and part use the same slots, and each
 * level is the highest of its slots. */
static void
check_slots(unsigned channels)
{
	static struct peaks	 whole, part;
	const int64_t		 samples = 25 * 60 * 8000 + 77;
	struct call		 c;
	int16_t			*pcm = make_sound(samples, channels, 8000);
	unsigned		 k;
	int64_t			 i;

	call_open(&c, 1, channels, 8000, pcm,
	    (size_t)samples * 2 * channels);
	draw(&whole, &c, 0, 25 * 60000, 500);	/* 150 slots each */
	assert_false(peaks_is_fine(&whole));
	assert_int_equal(peaks_last_block(&whole), 3);
	for (i = 0; i < 500; i++)
		for (k = 0; k < channels; k++)
			assert_int_equal(whole.levels[i * channels + k],
			    level(slow(pcm, (int)channels, (int)k, i * 24000,
			    (i + 1) * 24000)));
	draw(&part, &c, 3000 * 190, 3000 * 210, 20);	/* across an edge */
	assert_int_equal(peaks_first_block(&part), 0);
	assert_int_equal(peaks_last_block(&part), 2);
	assert_memory_equal(part.levels, whole.levels + 190 * channels,
	    20 * channels);
	draw(&part, &c, 3000 * 200 + 5, 3000 * 400 + 5, 200);
	assert_int_equal(peaks_first_block(&part), 1);
	assert_int_equal(peaks_last_block(&part), 3);
	call_close(&c);
	free(pcm);
}

static void
test_slots(void **state)
{
	(void)state;
	check_slots(1);
	check_slots(2);
}

/* The file is truncated after it has been opened. */
static void
test_damaged(void **state)
{
	static struct peaks	 p;
	static uint8_t		 block[PEAKS_BLOCK_MAX];
	struct call		 c;
	int16_t			*pcm = make_sound(80000, 1, 8000);

	(void)state;
	call_open(&c, 1, 1, 8000, pcm, 160000);
	c.wav.n = 100000;
	peaks_plan(&p, &c.source.info, 0, 10000, 1000);
	assert_int_equal(peaks_look(&p, &c.source), DAMAGED);
	assert_int_equal(peaks_block(&p, &c.source, 0, block), DAMAGED);
	call_close(&c);
	free(pcm);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_g711),
		cmocka_unit_test(test_finer_than_samples),
		cmocka_unit_test(test_fine),
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_damaged),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
