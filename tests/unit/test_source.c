/*
 * WAV files of every accepted format, compared with libsndfile, and files with
 * wrong sizes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sndfile.h>
#include <stdio.h>
#include <unistd.h>

#include "media/source.h"
#include "wav.h"

#define FRAMES	5000

struct kind {
	const char		*name;
	enum source_format	 format;
	int			 sndfile;
	int			 rate, channels;
};

static const struct kind kinds[] = {
	{ "pcm16", SOURCE_PCM16, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8000, 1 },
	{ "pcm16", SOURCE_PCM16, SF_FORMAT_WAVEX | SF_FORMAT_PCM_16, 16000, 2 },
	{ "alaw", SOURCE_ALAW, SF_FORMAT_WAV | SF_FORMAT_ALAW, 8000, 2 },
	{ "alaw", SOURCE_ALAW, SF_FORMAT_WAVEX | SF_FORMAT_ALAW, 16000, 1 },
	{ "ulaw", SOURCE_ULAW, SF_FORMAT_WAV | SF_FORMAT_ULAW, 16000, 2 },
	{ "ulaw", SOURCE_ULAW, SF_FORMAT_WAVEX | SF_FORMAT_ULAW, 8000, 1 },
};

/* Writes samples with sndfile, stores the file in b, and returns the samples
 * that sndfile reads from it. */
static int16_t *
through_sndfile(const struct kind *k, struct bytes *b)
{
	SF_INFO	 info = { .samplerate = k->rate, .channels = k->channels,
		    .format = k->sndfile };
	SNDFILE	*sf;
	int16_t	*pcm;
	FILE	*file;
	char	 block[4096];
	size_t	 n;

	pcm = make_sound(FRAMES, (unsigned)k->channels, (unsigned)k->rate);
	file = tmpfile();
	assert_non_null(file);
	sf = sf_open_fd(fileno(file), SFM_RDWR, &info, 0);
	assert_non_null(sf);
	assert_int_equal(sf_writef_short(sf, pcm, FRAMES), FRAMES);
	sf_write_sync(sf);
	assert_int_equal(sf_seek(sf, 0, SEEK_SET | SFM_READ), 0);
	assert_int_equal(sf_readf_short(sf, pcm, FRAMES), FRAMES);
	assert_int_equal(sf_close(sf), 0);
	rewind(file);
	while ((n = fread(block, 1, sizeof(block), file)) > 0)
		add(b, block, n);
	fclose(file);
	return (pcm);
}

static enum result
open_bytes(struct source *s, struct store *store, struct bytes *b,
    const char **why)
{
	*store = memory_store(b);
	return (source_open(s, store, "x", why));
}

static void
check_kind(const struct kind *k)
{
	struct bytes	 b = { NULL, 0 };
	struct source	 s;
	struct store	 store;
	const char	*why;
	int16_t		*want, *got;
	size_t		 channels = (size_t)k->channels;
	int64_t		 at;

	want = through_sndfile(k, &b);
	got = malloc(FRAMES * channels * sizeof(*got));
	assert_int_equal(open_bytes(&s, &store, &b, &why), OK);
	assert_int_equal(s.info.format, k->format);
	assert_string_equal(source_format_name(s.info.format), k->name);
	assert_int_equal(s.info.rate, k->rate);
	assert_int_equal(s.info.channels, k->channels);
	assert_int_equal(s.info.samples, FRAMES);
	assert_int_equal(source_read(&s, 0, FRAMES, got), OK);
	assert_memory_equal(got, want, FRAMES * channels * sizeof(*got));
	for (at = 0; at + 7 <= FRAMES; at += 613) {
		assert_int_equal(source_read(&s, at, 7, got), OK);
		assert_memory_equal(got, want + (size_t)at * channels,
		    7 * channels * sizeof(*got));
	}
	source_close(&s);
	free(want);
	free(got);
	free(b.data);
}

static void
test_kinds(void **state)
{
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		check_kind(&kinds[i]);
}

/* Samples outside the call are 0, although silence in A-law is not. */
static void
test_outside_is_silent(void **state)
{
	const uint8_t	 data[4] = { 0xaa, 0x2a, 0xaa, 0x2a };
	struct bytes	 b = make_wav(6, 2, 8000, data, sizeof(data));
	struct source	 s;
	struct store	 store;
	const char	*why;
	int16_t		 pcm[8];
	const int16_t	 around[8] = { 0, 0, 32256, -32256, 32256, -32256,
			    0, 0 };
	const int16_t	 silence[8] = { 0 };

	(void)state;
	assert_int_equal(open_bytes(&s, &store, &b, &why), OK);
	assert_int_equal(source_read(&s, -1, 4, pcm), OK);
	assert_memory_equal(pcm, around, sizeof(pcm));
	assert_int_equal(source_read(&s, 2, 4, pcm), OK);
	assert_memory_equal(pcm, silence, sizeof(pcm));
	assert_int_equal(source_read(&s, -4, 4, pcm), OK);
	assert_memory_equal(pcm, silence, sizeof(pcm));
	free(b.data);
}

/* Other chunks before the audio, padded if their length is odd. */
static void
test_other_chunks(void **state)
{
	struct bytes	 b = { NULL, 0 };
	struct source	 s;
	struct store	 store;
	const char	*why;
	int16_t		 pcm[2];

	(void)state;
	add_riff(&b);
	add_chunk(&b, "LIST", "odd", 3);
	add_format(&b, 1, 1, 16000);
	add_chunk(&b, "fact", "", 0);
	add_chunk(&b, "cue ", "x", 1);
	/* the incomplete frame at the end is ignored */
	add_chunk(&b, "data", "\x34\x12\xff\xff\x01", 5);
	assert_int_equal(open_bytes(&s, &store, &b, &why), OK);
	assert_int_equal(s.info.samples, 2);
	assert_int_equal(source_read(&s, 0, 2, pcm), OK);
	assert_int_equal(pcm[0], 0x1234);
	assert_int_equal(pcm[1], -1);
	free(b.data);
}

/* Checks that b is refused with the sentence, and empties b. */
static void
refused(struct bytes *b, const char *sentence)
{
	struct source	 s;
	struct store	 store;
	const char	*why;

	assert_int_equal(open_bytes(&s, &store, b, &why), DAMAGED);
	assert_string_equal(why, sentence);
	free(b->data);
	b->data = NULL;
	b->n = 0;
}

/* Checks that a file with bytes as its fmt chunk is refused. */
static void
refused_format(const char *bytes, size_t n, const char *sentence)
{
	struct bytes	 b = { NULL, 0 };

	add_riff(&b);
	add_chunk(&b, "fmt ", bytes, n);
	add_chunk(&b, "data", "abcdefgh", 8);
	refused(&b, sentence);
}

static void
test_not_a_wav(void **state)
{
	struct bytes	 b = { NULL, 0 };

	(void)state;
	add(&b, "", 0);
	refused(&b, "not a RIFF/WAVE file");
	add(&b, "RIFF\0\0\0\0WAV", 11);
	refused(&b, "not a RIFF/WAVE file");
	add(&b, "RIFX\0\0\0\0WAVE", 12);
	refused(&b, "not a RIFF/WAVE file");
	add(&b, "RIFF\0\0\0\0AVI ", 12);
	refused(&b, "not a RIFF/WAVE file");
	add_riff(&b);
	refused(&b, "no audio in it");
}

static void
test_formats_refused(void **state)
{
	static const char	 kind[] =
				    "neither PCM nor A-law nor mu-law";

	(void)state;
	refused_format("\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10", 15,
	    "format too short");
	/* float; extensible without its GUID, then with another one */
	refused_format("\3\0\1\0\x40\x1f\0\0\0\x7d\0\0\4\0\x20\0", 16, kind);
	refused_format("\xfe\xff\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0\0\0",
	    18, kind);
	refused_format("\xfe\xff\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0\x16\0"
	    "\x10\0\4\0\0\0\1\0\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x72", 40,
	    kind);
	refused_format("\1\0\0\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0", 16,
	    "neither mono nor stereo");
	refused_format("\1\0\3\0\x40\x1f\0\0\x80\x3e\0\0\6\0\x10\0", 16,
	    "neither mono nor stereo");
	refused_format("\1\0\1\0\x44\xac\0\0\x80\x3e\0\0\2\0\x10\0", 16,
	    "rate is neither 8000 nor 16000 Hz");
	refused_format("\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\3\0\x18\0", 16,
	    "bits per sample do not fit the format");
	refused_format("\1\0\2\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0", 16,
	    "bits per sample do not fit the format");
	refused_format("\6\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0", 16,
	    "bits per sample do not fit the format");
}

static void
test_wrong_sizes(void **state)
{
	struct bytes	 b;
	int		 i;

	(void)state;
	b = make_wav(1, 1, 8000, "abcd", 4);
	b.n -= 2;
	refused(&b, "shorter than its header says");
	b = make_wav(1, 1, 8000, "abcd", 4);
	memcpy(b.data + b.n - 8, "\xff\xff\xff\xff", 4);
	refused(&b, "shorter than its header says");
	b = make_wav(1, 1, 8000, "a", 1);
	refused(&b, "no audio in it");
	memset(&b, 0, sizeof(b));
	add_riff(&b);
	add_chunk(&b, "data", "abcd", 4);
	refused(&b, "data before its format");
	add_riff(&b);
	add(&b, "LIST\xff\xff\xff\xff", 8);
	add_format(&b, 1, 1, 8000);
	add_chunk(&b, "data", "abcd", 4);
	refused(&b, "no audio in it");
	/* too many chunks to search */
	add_riff(&b);
	for (i = 0; i < 300; i++)
		add_chunk(&b, "junk", "", 0);
	add_format(&b, 1, 1, 8000);
	add_chunk(&b, "data", "abcd", 4);
	refused(&b, "no audio in it");
}

/* A file that is cut anywhere is refused, and nothing is read past its end. */
static void
test_cut_anywhere(void **state)
{
	struct bytes	 whole = make_wav(6, 2, 8000, "abcdefgh", 8), part;
	struct source	 s;
	struct store	 store;
	const char	*why;
	size_t		 n;

	(void)state;
	for (n = 0; n < whole.n; n++) {
		part.data = malloc(n + 1);
		memcpy(part.data, whole.data, n);
		part.n = n;
		assert_int_equal(open_bytes(&s, &store, &part, &why), DAMAGED);
		free(part.data);
	}
	assert_int_equal(open_bytes(&s, &store, &whole, &why), OK);
	whole.n--;
	assert_int_equal(source_read(&s, 0, 3, (int16_t[6]){ 0 }), OK);
	assert_int_equal(source_read(&s, 0, 4, (int16_t[8]){ 0 }), DAMAGED);
	free(whole.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_outside_is_silent),
		cmocka_unit_test(test_other_chunks),
		cmocka_unit_test(test_not_a_wav),
		cmocka_unit_test(test_formats_refused),
		cmocka_unit_test(test_wrong_sizes),
		cmocka_unit_test(test_cut_anywhere),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
