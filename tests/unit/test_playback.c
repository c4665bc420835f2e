/*
 * Which chunks are made for a range, and which bytes are sent. The test
 * replaces pool, stream and encoder: a job runs when the client has to wait, so
 * that each requested chunk is counted, also a superfluous one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recordings/playback.h"
#include "recordings/sound.h"
#include "server/server.h"

#define CHUNKS	5

static struct mp3_file		 file;
static struct job		*queued;	/* one at a time */
static int			 made[CHUNKS];	/* how many times */
static int			 broken;	/* chunk that fails, or -1 */
static bool			 in_memory;	/* chunks are cached */
static int			 closed, woken;

struct cache *
sound_cache(void)
{
	return (NULL);
}

struct pool *
server_pool(void)
{
	return (NULL);
}

void
pool_resubmit(struct pool *p, struct job *j)
{
	(void)p;
	assert_null(queued);
	queued = j;
}

void
stream_wake(struct stream *s)
{
	(void)s;
	woken++;
}

/* Fills a chunk with its letter. */
static void
make(int64_t chunk, uint8_t *out)
{
	assert_in_range(chunk, 0, CHUNKS - 1);
	made[chunk]++;
	memset(out, (int)('a' + chunk), mp3_chunk_bytes(&file.mp3, chunk));
}

enum result
mp3_file_chunk(const struct mp3_file *f, const struct source *s,
    struct cache *c, int64_t chunk, uint8_t *out)
{
	(void)f;
	(void)s;
	(void)c;
	make(chunk, out);
	return (chunk == broken ? DAMAGED : OK);
}

bool
mp3_file_chunk_now(const struct mp3_file *f, struct cache *c, int64_t chunk,
    uint8_t *out)
{
	(void)f;
	(void)c;
	if (in_memory)
		make(chunk, out);
	return (in_memory);
}

static void
count_close(struct store_object *o)
{
	(void)o;
	closed++;
}

static void
run_queued(void)
{
	struct job	*j = queued;

	queued = NULL;
	j->run(j);
	j->done(j);
}

static int
setup(void **state)
{
	(void)state;
	/* the last chunk is a short one */
	assert_int_equal(mp3_plan(&file.mp3, 8000, 2,
	    (int64_t)(CHUNKS - 1) * MP3_CHUNK_FRAMES * 576 + 5000), OK);
	assert_int_equal(file.mp3.chunks, CHUNKS);
	memset(file.header, 'h', sizeof(file.header));
	return (0);
}

static int
begin(void **state)
{
	(void)state;
	memset(made, 0, sizeof(made));
	broken = -1;
	in_memory = false;
	closed = woken = 0;
	return (0);
}

static struct stream_source
play(int64_t first, int64_t last)
{
	static struct store	 store = { .close = count_close };
	struct fair_key		 key = fair_customer("1", "1");
	struct source		 source = { .object = { .store = &store } };
	struct stream_source	 s;

	s = playback_new(&file, &source, "an id", &key, first, last);
	s.started(s.arg, NULL);
	return (s);
}

static int
letter(int64_t offset)
{
	return (offset < file.mp3.header_bytes ? 'h' :
	    (int)('a' + mp3_chunk_at(&file.mp3, offset)));
}

/* Plays the range to its end, cap bytes at a time, and checks the bytes. */
static void
play_to_end(int64_t first, int64_t last, size_t cap)
{
	struct stream_source	 s = play(first, last);
	uint8_t			*buf = malloc(cap);
	ssize_t			 n, i;

	while ((n = s.next(s.arg, buf, cap)) != 0) {
		if (n == STREAM_WAIT) {
			assert_non_null(queued);
			run_queued();
			continue;
		}
		assert_true(n > 0 && (size_t)n <= cap);
		for (i = 0; i < n; i++)
			assert_int_equal(buf[i], letter(first + i));
		first += n;
	}
	assert_true(first == last + 1);
	free(buf);
	/* a superfluous chunk would be made now */
	if (queued != NULL)
		run_queued();
	s.done(s.arg, false);
	assert_int_equal(closed, 1);
}

/* Checks that exactly the chunks of the range are made, once each. */
static void
expect(int64_t first, int64_t last)
{
	static const size_t	caps[] = { 65536, 7000 };
	int64_t			from, to, chunk;
	size_t			i;

	from = first <= file.mp3.header_bytes ? 0 :
	    mp3_chunk_at(&file.mp3, first);
	to = last < file.mp3.header_bytes ? -1 :
	    mp3_chunk_at(&file.mp3, last);
	for (i = 0; i < 4; i++) {
		(void)begin(NULL);
		in_memory = i >= 2;
		play_to_end(first, last, caps[i % 2]);
		for (chunk = 0; chunk < CHUNKS; chunk++)
			assert_int_equal(made[chunk],
			    chunk >= from && chunk <= to);
	}
}

static void
test_ranges(void **state)
{
	int64_t	header = file.mp3.header_bytes, end = file.mp3.length - 1;
	int64_t	second = mp3_chunk_offset(&file.mp3, 1);
	int64_t	third = mp3_chunk_offset(&file.mp3, 2);

	(void)state;
	expect(0, 0);
	expect(0, header - 1);
	expect(0, header);
	expect(header - 1, header - 1);
	expect(header - 1, header);
	expect(header, header);
	expect(header, second - 1);
	expect(header, second);
	expect(0, second - 1);
	expect(second - 1, second - 1);
	expect(second - 1, second);
	expect(second, second);
	expect(second, third - 1);
	expect(second, third);
	expect(second + 1, third - 1);
	expect(second + 1, third + 1);
	expect(third, end);
	expect(end, end);
	expect(end - 1, end);
	expect(0, end);
}

/* After a disconnect only the chunk in work is finished, and none if no thread
 * has begun it. */
static void
test_disconnect(void **state)
{
	struct stream_source	 s;
	uint8_t			 buf[1000];

	(void)state;
	s = play(file.mp3.header_bytes, file.mp3.length - 1);
	assert_int_equal(s.next(s.arg, buf, sizeof(buf)), STREAM_WAIT);
	run_queued();
	assert_int_equal(woken, 1);
	assert_int_equal(s.next(s.arg, buf, sizeof(buf)), sizeof(buf));
	assert_non_null(queued);
	s.done(s.arg, true);
	assert_int_equal(closed, 0);
	run_queued();
	assert_int_equal(closed, 1);
	assert_int_equal(woken, 1);
	assert_int_equal(made[0], 1);
	assert_int_equal(made[1], 0);
}

static void
test_broken(void **state)
{
	static uint8_t		 buf[65536];
	struct stream_source	 s;
	ssize_t			 n;

	(void)state;
	broken = 1;
	s = play(0, file.mp3.length - 1);
	while ((n = s.next(s.arg, buf, sizeof(buf))) != STREAM_FAIL) {
		assert_true(n > 0 || n == STREAM_WAIT);
		if (queued != NULL)
			run_queued();
	}
	assert_null(queued);
	s.done(s.arg, true);
	assert_int_equal(closed, 1);
	assert_int_equal(made[0], 1);
	assert_int_equal(made[1], 1);
	assert_int_equal(made[2], 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_setup(test_ranges, begin),
		cmocka_unit_test_setup(test_disconnect, begin),
		cmocka_unit_test_setup(test_broken, begin),
	};

	return (cmocka_run_group_tests(tests, setup, NULL));
}
