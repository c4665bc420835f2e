/*
 * Files whose headers are wrong, as programs leave them that write into a pipe
 * or are ended: the audio that is there is taken, and what was wrong is told.
 * Files of encoders are in tests/http/cases-audio.test.js.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/import.h"
#include "wav.h"

#define SAMPLES	8000	/* one second */
#define BYTES	(2 * SAMPLES)
#define CALL_MS	1000

static int16_t	*pcm;

/* Writes a file that has a name while the test runs. */
static int
write_file(const struct bytes *b, const char *name, char path[64])
{
	int	 fd = memfd_create(name, 0);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, b->data, b->n), (ssize_t)b->n);
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return (fd);
}

static enum result
import_bytes(struct import *in, struct bytes *b)
{
	char		 path[64];
	enum result	 r;
	int		 fd = write_file(b, "x", path);

	r = import_open(in, path, CALL_MS);
	close(fd);
	free(b->data);
	*b = (struct bytes){ NULL, 0 };
	return (r);
}

/* Checks that a converted file is a right header and the expected audio. */
static void
check_copy(const struct import *in, const void *audio, size_t n)
{
	uint8_t	*all = malloc(44 + n + 1);
	FILE	*f = fopen(in->path, "rb");

	assert_non_null(f);
	assert_int_equal(fread(all, 1, 44 + n + 1, f), 44 + n + (n & 1));
	fclose(f);
	assert_memory_equal(all, "RIFF", 4);
	assert_int_equal(all[4] | all[5] << 8 | all[6] << 16, 36 + n + (n & 1));
	assert_int_equal(all[40] | all[41] << 8 | all[42] << 16, n);
	assert_memory_equal(all + 44, audio, n);
	free(all);
}

/* Checks that b is taken: its audio in a copy, and a note with these words. */
static void
taken(struct bytes *b, size_t n, const char *note)
{
	struct import	*in = malloc(sizeof(*in));

	assert_int_equal(import_bytes(in, b), OK);
	assert_non_null(strstr(in->notes, note));
	assert_true(note[0] != '\0' || in->notes[0] == '\0');
	assert_int_not_equal(in->fd, -1);
	check_copy(in, pcm, n);
	import_close(in);
	free(in);
}

/* Checks that b stays as it is, with a note. */
static void
kept(struct bytes *b, const char *note)
{
	struct import	*in = malloc(sizeof(*in));

	assert_int_equal(import_bytes(in, b), OK);
	assert_string_equal(in->notes, note);
	assert_int_equal(in->fd, -1);
	assert_string_equal(in->kind, "wav");
	free(in);
}

static void
refused(struct bytes *b, const char *why)
{
	struct import	*in = malloc(sizeof(*in));

	assert_int_equal(import_bytes(in, b), INVALID);
	assert_non_null(strstr(in->why, why));
	assert_int_equal(in->fd, -1);
	free(in);
}

/* A RIFF head whose size is right for n more bytes. */
static void
begin(struct bytes *b, size_t n)
{
	add(b, "RIFF", 4);
	add_number(b, (uint32_t)(4 + n), 4);
	add(b, "WAVE", 4);
}

/* A chunk "data" that gives a size, and n bytes of audio. */
static void
add_audio(struct bytes *b, uint32_t size, size_t n)
{
	add(b, "data", 4);
	add_number(b, size, 4);
	add(b, pcm, n);
}

static struct bytes
wav_of(uint32_t size, size_t n)
{
	struct bytes	 b = { NULL, 0 };

	begin(&b, 24 + 8 + n);
	add_format(&b, 1, 1, 8000);
	add_audio(&b, size, n);
	return (b);
}

static void
test_right_headers(void **state)
{
	struct bytes	 b = wav_of(BYTES, BYTES);

	(void)state;
	kept(&b, "");
	b = wav_of(BYTES, BYTES);
	add_chunk(&b, "LIST", "INFO", 4);
	memcpy(b.data + 4, "\xb0\x3e\0\0", 4);
	kept(&b, "");
	begin(&b, 24 + 12 + 8 + BYTES);
	add_chunk(&b, "LIST", "odd", 3);
	add_format(&b, 1, 1, 8000);
	add_audio(&b, BYTES, BYTES);
	kept(&b, "");
	/* an odd number of bytes of G.711, at the end of the file */
	begin(&b, 24 + 8 + 1001);
	add_format(&b, 6, 1, 8000);
	add_audio(&b, 1001, 1001);
	kept(&b, "");
}

static void
test_size_of_audio(void **state)
{
	static const uint32_t	 sizes[] = { 0, 0xffffffff, 0x7fffffff,
				    0x7ffff000, BYTES + 2, 10 * BYTES };
	struct bytes		 b;
	char			 note[120];
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		snprintf(note, sizeof(note), "its WAV header was wrong: it "
		    "gives %u bytes of audio, and there are %d", sizes[i],
		    BYTES);
		b = wav_of(sizes[i], BYTES);
		taken(&b, BYTES, note);
		/* the same with metadata behind the audio */
		b = wav_of(sizes[i], BYTES);
		add_chunk(&b, "LIST", "INFOISFT\4\0\0\0abc", 16);
		taken(&b, BYTES, note);
	}
	/* cut in the middle of a sample */
	b = wav_of(BYTES, BYTES - 801);
	taken(&b, BYTES - 802, "there are 15199");
}

/* The size of an earlier moment: decided by the length of the call. */
static void
test_earlier_size(void **state)
{
	struct bytes	 b = wav_of(320, BYTES);
	struct import	*in = malloc(sizeof(*in));
	char		 path[64];
	int		 fd;

	(void)state;
	fd = write_file(&b, "x", path);
	/* 0.02 s and 1 s both fit the call of a second: the header counts */
	assert_int_equal(import_open(in, path, 1000), OK);
	assert_int_equal(in->fd, -1);
	assert_string_equal(in->notes, "its WAV header was wrong: 15680 bytes "
	    "after the end of its audio are left out");
	assert_int_equal(import_open(in, path, 2500), OK);
	assert_string_equal(in->notes, "its WAV header was wrong: it gives 320 "
	    "bytes of audio, and there are 16000");
	check_copy(in, pcm, BYTES);
	import_close(in);
	close(fd);
	free(b.data);
	free(in);
}

static void
test_padding(void **state)
{
	static const char	 note[] =
				    "its WAV header was wrong: a padding byte "
				    "is missing";
	struct bytes		 b = { NULL, 0 };

	(void)state;
	begin(&b, 11 + 24 + 8 + BYTES);
	add(&b, "LIST\3\0\0\0odd", 11);
	add_format(&b, 1, 1, 8000);
	add_audio(&b, BYTES, BYTES);
	taken(&b, BYTES, note);
	begin(&b, 26 + 8 + BYTES);
	add(&b, "fmt \x11\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0\0",
	    25);
	add_audio(&b, BYTES, BYTES);
	taken(&b, BYTES, note);
	/* behind the audio it changes nothing */
	begin(&b, 24 + 8 + 1001 + 12);
	add_format(&b, 6, 1, 8000);
	add_audio(&b, 1001, 1001);
	add_chunk(&b, "LIST", "INFO", 4);
	kept(&b, note);
}

static void
test_size_of_file(void **state)
{
	static const uint32_t	 sizes[] = { 0, 0xffffffff, 100, 999999 };
	struct bytes		 b;
	char			 note[120];
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		b = wav_of(BYTES, BYTES);
		memcpy(b.data + 4, &sizes[i], 4);
		snprintf(note, sizeof(note), "its WAV header was wrong: it "
		    "gives %lld bytes to the file, which has %d",
		    8LL + sizes[i], 44 + BYTES);
		kept(&b, note);
	}
}

static void
test_formats(void **state)
{
	struct bytes	 b = { NULL, 0 };

	(void)state;
	/* the audio before its format */
	begin(&b, 24 + 8 + BYTES);
	add_audio(&b, BYTES, BYTES);
	add_format(&b, 1, 1, 8000);
	taken(&b, BYTES, "");
	/* G.711 has 8 bits, whatever the header says */
	b = wav_of(BYTES, BYTES);
	memcpy(b.data + 20, "\6", 1);
	taken(&b, BYTES, "bits per sample or bytes per frame do not fit");
	/* 64-bit sizes */
	b = (struct bytes){ NULL, 0 };
	add(&b,
	    "RF64\xff\xff\xff\xffWAVE"
	    "ds64\x1c\0\0\0",
	    20);
	add_number(&b, 36 + 24 + 8 + BYTES + 4, 4);
	add_number(&b, 0, 4);
	add_number(&b, BYTES, 4);
	add(&b, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	add_format(&b, 1, 1, 8000);
	add_audio(&b, 0xffffffff, BYTES);
	add_chunk(&b, "LIST", "INFO", 4);
	taken(&b, BYTES, "");
}

static void
test_refusals(void **state)
{
	struct bytes	 b = wav_of(0, 0);

	(void)state;
	refused(&b, "it has no audio");
	b = wav_of(0, 0);
	add_chunk(&b, "LIST", "INFO", 4);
	refused(&b, "it has no audio");
	b = wav_of(BYTES, BYTES);
	memcpy(b.data + 20, "\x65", 1);
	refused(&b, "its audio is G.722 in WAV");
	b = wav_of(BYTES, BYTES);
	memcpy(b.data + 20, "\x34\x12", 2);
	refused(&b, "WAV format 0x1234");
	b = wav_of(BYTES, BYTES);
	memcpy(b.data + 24, "\x44\xac", 2);
	refused(&b, "neither 8 nor 16 kHz");
	b = wav_of(BYTES, BYTES);
	memcpy(b.data + 22, "\0", 1);
	refused(&b, "channels");
	add_riff(&b);
	add_audio(&b, BYTES, BYTES);
	refused(&b, "it has no format");
	add(&b, "", 0);
	refused(&b, "it is empty");
	add(&b, "OggS\0\2", 6);
	add(&b, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\x13", 22);
	add(&b, "OpusHead", 8);
	refused(&b, "it is Ogg Opus");
	add(&b, "ID3\4\0\0\0\0\0\2xx", 12);
	refused(&b, "it has no MP3 audio");
	add(&b, "fLaC\0\0\0\x22", 8);
	refused(&b, "it has no FLAC audio");
	add(&b, "hello", 5);
	refused(&b, "neither WAV, FLAC, MP3 nor GSM");
}

/* A file that is cut anywhere is refused or taken, never read past its end. */
static void
test_cut_anywhere(void **state)
{
	struct bytes	 whole = wav_of(40, 40), part;
	struct import	*in = malloc(sizeof(*in));
	enum result	 r;
	size_t		 n;

	(void)state;
	for (n = 0; n < whole.n; n++) {
		part.data = malloc(n + 1);
		memcpy(part.data, whole.data, n);
		part.n = n;
		r = import_bytes(in, &part);
		assert_int_equal(r, n < 46 ? INVALID : OK);
		import_close(in);
	}
	free(whole.data);
	free(in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right_headers),
		cmocka_unit_test(test_size_of_audio),
		cmocka_unit_test(test_earlier_size),
		cmocka_unit_test(test_padding),
		cmocka_unit_test(test_size_of_file),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_cut_anywhere),
	};
	int	 failed;

	pcm = make_sound(SAMPLES, 1, 8000);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(pcm);
	return (failed);
}
