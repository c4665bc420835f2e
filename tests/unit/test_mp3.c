/*
 * Chunked MP3: exact length, the same bytes in any order and from any thread,
 * the same bytes as a continuous encoding, and decoders that return exactly as
 * many samples as the source has.
 */
#include <lame/lame.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "media/mp3.h"
#include "wav.h"

#define THREADS		4
#define FRAME		576

struct shape {
	int	rate, channels, kbps, frame_bytes, header_bytes;
};

static const struct shape shapes[] = {
	{ 8000, 1, 24, 216, 1024 + 216 },
	{ 8000, 2, 48, 432, 1024 + 216 },
	{ 16000, 1, 32, 144, 1024 + 180 },
	{ 16000, 2, 64, 288, 1024 + 180 },
};

#define SHAPES	(sizeof(shapes) / sizeof(shapes[0]))

/* The samples of a call, its plan, and all its chunks in order. */
struct made {
	int16_t		*pcm;
	struct bytes	 wav;
	struct store	 store;
	struct source	 source;
	struct mp3	 mp3;
	uint8_t		*chunks;
	size_t		 n;
};

static void
encode_at(const struct made *m, int64_t chunk, uint8_t *out)
{
	assert_int_equal(mp3_encode(&m->mp3, &m->source, chunk, out), OK);
}

/* Returns the offset of a chunk's bytes in m->chunks. */
static size_t
chunk_offset(const struct made *m, int64_t chunk)
{
	return ((size_t)(mp3_chunk_offset(&m->mp3, chunk) -
	    m->mp3.header_bytes));
}

static void
make_plan(struct made *m, const struct shape *s, int64_t samples)
{
	const char	*why;

	memset(m, 0, sizeof(*m));
	m->pcm = make_sound(samples, (unsigned)s->channels,
	    (unsigned)s->rate);
	m->wav = make_wav(1, (unsigned)s->channels, (unsigned)s->rate, m->pcm,
	    (size_t)samples * (size_t)s->channels * 2);
	m->store = memory_store(&m->wav);
	assert_int_equal(source_open(&m->source, &m->store, "x", &why), OK);
	assert_int_equal(mp3_plan(&m->mp3, s->rate, s->channels, samples),
	    OK);
	m->n = (size_t)(m->mp3.length - m->mp3.header_bytes);
	m->chunks = malloc(m->n);
}

static void
make(struct made *m, const struct shape *s, int64_t samples)
{
	int64_t	 i;

	make_plan(m, s, samples);
	for (i = 0; i < m->mp3.chunks; i++)
		encode_at(m, i, m->chunks + chunk_offset(m, i));
}

static void
made_free(struct made *m)
{
	free(m->pcm);
	free(m->wav.data);
	free(m->chunks);
}

static void
test_plan(void **state)
{
	struct mp3	 m;
	size_t		 i;

	(void)state;
	for (i = 0; i < SHAPES; i++) {
		assert_int_equal(mp3_plan(&m, shapes[i].rate,
		    shapes[i].channels, 1000000), OK);
		assert_int_equal(m.kbps, shapes[i].kbps);
		assert_int_equal(m.frame_bytes, shapes[i].frame_bytes);
		assert_int_equal(m.header_bytes, shapes[i].header_bytes);
		assert_int_equal(m.frames, (1000000 + 1105 + 575) / FRAME);
		assert_int_equal(m.length,
		    m.header_bytes + m.frames * m.frame_bytes);
		assert_true(MP3_CHUNK_FRAMES * m.frame_bytes <=
		    MP3_CHUNK_MAX);
	}
	assert_int_equal(mp3_plan(&m, 44100, 2, 1000), INVALID);
	assert_int_equal(mp3_plan(&m, 8000, 0, 1000), INVALID);
	assert_int_equal(mp3_plan(&m, 8000, 3, 1000), INVALID);
	assert_int_equal(mp3_plan(&m, 8000, 2, 0), INVALID);
	assert_int_equal(mp3_plan(&m, 8000, 2, -1), INVALID);
	assert_int_equal(mp3_plan(&m, 8000, 2, INT64_MAX), INVALID);
	assert_int_equal(mp3_plan(&m, 16000, 2, MP3_SAMPLES_MAX), OK);
	assert_true(m.length <= UINT32_MAX);
	assert_true(strstr(mp3_fingerprint(), get_lame_version()) != NULL);
}

/* The chunks follow one another, and each byte is in the right one. */
static void
test_chunk_of_byte(void **state)
{
	struct mp3	 m;
	int64_t		 at, c;

	(void)state;
	assert_int_equal(mp3_plan(&m, 8000, 2, 200000), OK);
	at = m.header_bytes;
	for (c = 0; c < m.chunks; c++) {
		assert_int_equal(mp3_chunk_offset(&m, c), at);
		assert_int_equal(mp3_chunk_at(&m, at), c);
		at += (int64_t)mp3_chunk_bytes(&m, c);
		assert_int_equal(mp3_chunk_at(&m, at - 1), c);
	}
	assert_int_equal(at, m.length);
}

/* Each frame: sync, no padding, main_data_begin 0 (needs no other frame). */
static void
test_frames_stand_alone(void **state)
{
	struct made	 m;
	const uint8_t	*f;
	size_t		 i;

	(void)state;
	for (i = 0; i < SHAPES; i++) {
		make(&m, &shapes[i], 3 * MP3_CHUNK_FRAMES * FRAME / 2);
		for (f = m.chunks; f < m.chunks + m.n;
		    f += m.mp3.frame_bytes) {
			assert_int_equal(f[0], 0xff);
			assert_int_equal(f[1],
			    shapes[i].rate == 8000 ? 0xe3 : 0xf3);
			assert_int_equal(f[2] & 2, 0);
			assert_int_equal(f[3] >> 6,
			    shapes[i].channels == 1 ? 3 : 0);
			assert_int_equal(f[4], 0);
		}
		made_free(&m);
	}
}

static void
test_any_order(void **state)
{
	struct made	 m;
	uint8_t		 again[MP3_CHUNK_MAX];
	int64_t		 c, i;

	(void)state;
	make(&m, &shapes[1], 6 * MP3_CHUNK_FRAMES * FRAME);
	for (i = 0; i < 3 * m.mp3.chunks; i++) {
		c = (m.mp3.chunks * 7 - i * 5) % m.mp3.chunks;
		c = c < 0 ? c + m.mp3.chunks : c;
		encode_at(&m, c, again);
		assert_memory_equal(again, m.chunks + chunk_offset(&m, c),
		    mp3_chunk_bytes(&m.mp3, c));
	}
	assert_int_equal(mp3_encode(&m.mp3, &m.source, -1, again), INVALID);
	assert_int_equal(mp3_encode(&m.mp3, &m.source, m.mp3.chunks, again),
	    INVALID);
	made_free(&m);
}

/* --- threads, with stacks as small as the pool's ------------------------- */

static struct made	 shared;
static atomic_int	 different;

static void *
encode_all(void *arg)
{
	uint8_t	 again[MP3_CHUNK_MAX];
	int64_t	 c, i;

	for (i = 0; i < shared.mp3.chunks; i++) {
		c = (i + *(int *)arg) % shared.mp3.chunks;
		if (mp3_encode(&shared.mp3, &shared.source, c, again) != OK ||
		    memcmp(again, shared.chunks + chunk_offset(&shared, c),
		    mp3_chunk_bytes(&shared.mp3, c)) != 0)
			atomic_fetch_add(&different, 1);
	}
	return (NULL);
}

static void
test_threads(void **state)
{
	pthread_attr_t	 attr;
	pthread_t	 threads[THREADS];
	int		 i, from[THREADS];

	(void)state;
	make(&shared, &shapes[3], 5 * MP3_CHUNK_FRAMES * FRAME);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 512 * 1024);
	for (i = 0; i < THREADS; i++) {
		from[i] = i;
		assert_int_equal(pthread_create(&threads[i], &attr,
		    encode_all, &from[i]), 0);
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_attr_destroy(&attr);
	assert_int_equal(different, 0);
	made_free(&shared);
}

/* --- joins --------------------------------------------------------------- */

/* Encodes all samples with one encoder, without chunks. */
static uint8_t *
continuous(const struct made *m)
{
	lame_global_flags	*g;
	uint8_t			*out;
	int16_t			*pcm;
	int64_t			 samples = (m->mp3.frames + 4) * FRAME;
	int			 n;

	pcm = malloc((size_t)(samples * m->mp3.channels) * sizeof(*pcm));
	assert_int_equal(source_read(&m->source, 0, (int)samples, pcm), OK);
	out = malloc(m->n + 65536);
	g = lame_init();
	lame_set_num_channels(g, m->mp3.channels);
	lame_set_in_samplerate(g, m->mp3.rate);
	lame_set_out_samplerate(g, m->mp3.rate);
	lame_set_brate(g, m->mp3.kbps);
	lame_set_disable_reservoir(g, 1);
	lame_set_bWriteVbrTag(g, 0);
	lame_set_mode(g, STEREO);
	lame_set_quality(g, 7);
	assert_true(lame_init_params(g) >= 0);
	n = lame_encode_buffer_interleaved(g, pcm, (int)samples, out,
	    (int)m->n + 65536);
	assert_true(n >= (int)m->n);
	lame_close(g);
	free(pcm);
	return (out);
}

static void
test_joins(void **state)
{
	struct made	 m;
	uint8_t		*whole;

	(void)state;
	make(&m, &shapes[1], 4 * MP3_CHUNK_FRAMES * FRAME);
	whole = continuous(&m);
	/* all but the first frame, before which that encoder has no samples */
	assert_memory_equal(m.chunks + m.mp3.frame_bytes,
	    whole + m.mp3.frame_bytes, m.n - (size_t)m.mp3.frame_bytes);
	free(whole);
	made_free(&m);
}

/* --- the header ---------------------------------------------------------- */

/* Returns the size of the ID3 tag without its header. */
static unsigned
tag_size(const uint8_t *h)
{
	return ((unsigned)h[6] << 21 | (unsigned)h[7] << 14 |
	    (unsigned)h[8] << 7 | h[9]);
}

/* With any title, the audio begins at the same byte, and the bytes after the
 * tag do not change. */
static void
test_header(void **state)
{
	uint8_t		 a[MP3_HEADER_MAX], b[MP3_HEADER_MAX];
	static char	 title[4001];
	struct mp3	 m;
	size_t		 i, n;

	(void)state;
	for (i = 0; i < sizeof(title) - 1; i += 2)
		memcpy(title + i, "\xc3\xa9", 2);
	for (i = 0; i < SHAPES; i++) {
		assert_int_equal(mp3_plan(&m, shapes[i].rate,
		    shapes[i].channels, 100000), OK);
		n = (size_t)m.header_bytes;
		mp3_header(&m, "", 0, a);
		mp3_header(&m, title + i % 2 * 2, 1785424445678, b);
		assert_memory_equal(a, "ID3\4\0\0", 6);
		assert_int_equal(tag_size(a), MP3_TAG_BYTES - 10);
		assert_memory_equal(a, b, 10);
		assert_memory_equal(b + 21, "2026-07-30T15:14:05TIT2", 23);
		assert_memory_equal(a + MP3_TAG_BYTES, b + MP3_TAG_BYTES,
		    n - MP3_TAG_BYTES);
		assert_int_equal(a[MP3_TAG_BYTES], 0xff);
		/* the title is not cut inside a character */
		assert_true(b[MP3_TAG_BYTES - 1] == 0 ||
		    b[MP3_TAG_BYTES - 1] == 0xa9);
		assert_true(b[MP3_TAG_BYTES - 3] == 0xa9 ||
		    b[MP3_TAG_BYTES - 2] == 0xa9);
	}
}

/* --- decoders ------------------------------------------------------------ */

static void
write_mp3(const struct made *m, const char *path)
{
	uint8_t	 header[MP3_HEADER_MAX];
	FILE	*f;

	mp3_header(&m->mp3, "Titre", 0, header);
	f = fopen(path, "w");
	assert_non_null(f);
	fwrite(header, 1, (size_t)m->mp3.header_bytes, f);
	fwrite(m->chunks, 1, m->n, f);
	assert_int_equal(ftell(f), m->mp3.length);
	assert_int_equal(fclose(f), 0);
}

/* Returns the signal-to-noise ratio of decoded samples in dB: 17 and more, or
 * less than 10 if they are shifted by one sample. */
static double
quality(const int16_t *want, const int16_t *got, size_t n)
{
	double	 noise = 1, signal = 1;
	size_t	 i;

	for (i = 0; i < n; i++) {
		signal += (double)want[i] * want[i];
		noise += (double)(got[i] - want[i]) * (got[i] - want[i]);
	}
	return (10 * log10(signal / noise));
}

static void
decode(const struct made *m, const char *command)
{
	size_t	 n = (size_t)(m->mp3.samples * m->mp3.channels), got;
	int16_t	*pcm;
	FILE	*f;

	pcm = malloc((n + 100000) * sizeof(*pcm));
	f = popen(command, "r");
	assert_non_null(f);
	got = fread(pcm, sizeof(*pcm), n + 100000, f);
	assert_int_equal(pclose(f), 0);
	if (got != n)
		fail_msg("%s: %zu samples, not %zu", command, got, n);
	if (n >= 8000 && quality(m->pcm, pcm, n) < 14)
		fail_msg("%s: %.1f dB", command, quality(m->pcm, pcm, n));
	free(pcm);
}

static void
decode_all(const struct shape *s, int64_t samples)
{
	struct made	 m;
	char		 command[200], path[] = "/tmp/test_mp3.XXXXXX";
	int		 fd;

	assert_int_not_equal(fd = mkstemp(path), -1);
	close(fd);
	make(&m, s, samples);
	write_mp3(&m, path);
	(void)snprintf(command, sizeof(command),
	    "ffmpeg -v error -i %s -f s16le -c:a pcm_s16le -", path);
	decode(&m, command);
	(void)snprintf(command, sizeof(command), "mpg123 -q -s %s", path);
	decode(&m, command);
	assert_int_equal(unlink(path), 0);
	made_free(&m);
}

static void
test_decoders(void **state)
{
	/* at least 48: fewer samples make a file of two frames, of which ffmpeg
	 * drops too few samples */
	const int64_t	 samples[] = { 48, FRAME, 8000, 8001, 623, 624,
			    73728 - 1105, 73728 - 1104, 200001, 200576 };
	size_t		 i, k;

	(void)state;
	for (i = 0; i < SHAPES; i++)
		for (k = i % 2; k < sizeof(samples) / sizeof(samples[0]);
		    k += 2)
			decode_all(&shapes[i], samples[k]);
}

static void
test_damaged_source(void **state)
{
	struct made	 m;
	uint8_t		 out[MP3_CHUNK_MAX];

	(void)state;
	make_plan(&m, &shapes[0], 3 * MP3_CHUNK_FRAMES * FRAME);
	m.wav.n -= 10;
	assert_int_equal(mp3_encode(&m.mp3, &m.source, 0, out), OK);
	assert_int_equal(mp3_encode(&m.mp3, &m.source, 2, out), DAMAGED);
	made_free(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_chunk_of_byte),
		cmocka_unit_test(test_frames_stand_alone),
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_joins),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_decoders),
		cmocka_unit_test(test_damaged_source),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
