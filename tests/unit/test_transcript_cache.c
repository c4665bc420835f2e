/*
 * PDFs in the cache: an unchanged document is found, whole, also when it is
 * several chunks; any change of what it shows, and a chunk that is lost, has it
 * made again. Whether it was made shows in the fonts: they exist once only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "media/transcript_cache.h"

#define FONTS	"/usr/share/fonts/truetype/dejavu"
#define ID	"01a22bf9-8f93-7728-ad03-a6bde9c25d43"
#define TURNS	2000

static char		 dir[] = "/tmp/test_transcript.XXXXXX";
static char		 fonts[64], file[64];
static struct transcript_turn	 turns[TURNS];
static int64_t		 now = 1000000000000;

static int64_t
test_clock(void)
{
	return (now);
}

static int
setup(void **state)
{
	size_t	i;

	(void)state;
	cache_clock = test_clock;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(fonts, sizeof(fonts), "%s/fonts", dir);
	(void)snprintf(file, sizeof(file), "%s/chunks", dir);
	for (i = 0; i < TURNS; i++)
		turns[i] = (struct transcript_turn){ "00:00", "N",
		    "On m’a compté 142,50 € de trop.", i % 2 == 1 };
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	(void)unlink(fonts);
	(void)unlink(file);
	return (rmdir(dir));
}

static struct transcript
example(size_t n)
{
	return ((struct transcript){
	    .head = { "fr", "O", 1, 2, "K", "T", "D", "F" }, .mood = "angry",
	    .mood_word = "W", .mood_family = "negative", .mood_note = "M",
	    .facts = { { "A", "1", "x" } }, .fact_count = 1,
	    .summary_label = "L", .summary = "S", .summary_note = "Y",
	    .exchange_label = "E", .nothing = "Z", .turns = turns,
	    .turn_count = n, .cut = "C" });
}

/* Makes the document with the fonts. Returns its length. */
static size_t
make(struct cache *c, const struct transcript *t, uint8_t **bytes)
{
	size_t	 n;

	assert_int_equal(symlink(FONTS, fonts), 0);
	assert_int_equal(transcript_pdf_cached(c, ID, t, fonts, bytes, &n), OK);
	assert_int_equal(unlink(fonts), 0);
	return (n);
}

/* Returns whether the document is in the cache, with these bytes. */
static bool
cached(struct cache *c, const char *id, const struct transcript *t,
    const uint8_t *bytes, size_t n)
{
	uint8_t	*found;
	size_t	 m;

	if (transcript_pdf_cached(c, id, t, fonts, &found, &m) != OK)
		return (false);
	assert_int_equal(m, n);
	assert_memory_equal(found, bytes, n);
	free(found);
	return (true);
}

static void
test_unchanged(void **state)
{
	struct cache		*c = cache_open(dir, 16);
	struct transcript	 small = example(2), large = example(TURNS);
	uint8_t			*one, *two;
	size_t			 n, m;

	(void)state;
	assert_non_null(c);
	n = make(c, &small, &one);
	assert_true(cached(c, ID, &small, one, n));
	assert_false(cached(NULL, ID, &small, one, n));
	m = make(c, &large, &two);
	assert_in_range(m, 2 * CACHE_BYTES_MAX, TRANSCRIPT_CACHED_MAX);
	assert_true(cached(c, ID, &large, two, m));
	assert_true(cached(c, ID, &small, one, n));
	now += CACHE_AGE_MS + 1;
	assert_false(cached(c, ID, &large, two, m));
	free(one);
	free(two);
	cache_close(c);
}

/* Every text and number that the document shows is part of the key. */
static void
test_changed(void **state)
{
	struct cache			*c = cache_open(dir, 16);
	struct transcript		 t = example(2), other;
	static struct transcript_turn	 changed[2];
	const char			**texts[] = { &other.head.operator_name,
					    &other.head.kind, &other.head.title,
					    &other.head.date,
					    &other.head.footer, &other.mood,
					    &other.mood_word,
					    &other.mood_family,
					    &other.mood_note,
					    &other.facts[0].label,
					    &other.facts[0].value,
					    &other.facts[0].detail,
					    &other.summary_label,
					    &other.summary, &other.summary_note,
					    &other.exchange_label,
					    &other.nothing, &other.cut,
					    &changed[1].time, &changed[1].name,
					    &changed[1].text };
	uint8_t				*bytes;
	size_t				 i, n;

	(void)state;
	n = make(c, &t, &bytes);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		other = t;
		memcpy(changed, turns, sizeof(changed));
		other.turns = changed;
		assert_true(cached(c, ID, &other, bytes, n));
		*texts[i] = "another";
		assert_false(cached(c, ID, &other, bytes, n));
		*texts[i] = NULL;
		assert_false(cached(c, ID, &other, bytes, n));
	}
	other = t;
	other.head.brand++;
	assert_false(cached(c, ID, &other, bytes, n));
	other = t;
	other.turn_count = 1;
	assert_false(cached(c, ID, &other, bytes, n));
	other = t;
	other.fact_count = 0;
	assert_false(cached(c, ID, &other, bytes, n));
	memcpy(changed, turns, sizeof(changed));
	changed[0].callee = true;
	other = t;
	other.turns = changed;
	assert_false(cached(c, ID, &other, bytes, n));
	assert_false(cached(c, "01a22bf9-8f93-7728-ad03-a6bde9c25d44", &t,
	    bytes, n));
	free(bytes);
	cache_close(c);
}

/* Texts that move from one member to the next are other texts. */
static void
test_moved(void **state)
{
	struct cache		*c = cache_open(dir, 16);
	struct transcript	 t = example(0), other = example(0);
	uint8_t			*bytes;
	size_t			 n;

	(void)state;
	t.summary_label = "ab";
	t.summary = "c";
	other.summary_label = "a";
	other.summary = "bc";
	n = make(c, &t, &bytes);
	assert_false(cached(c, ID, &other, bytes, n));
	free(bytes);
	cache_close(c);
}

/* A cache too small for the document loses chunks of it: never a wrong one. */
static void
test_lost(void **state)
{
	struct cache		*c = cache_open(dir, 1);
	struct transcript	 t = example(TURNS);
	uint8_t			*bytes;
	size_t			 n;

	(void)state;
	n = make(c, &t, &bytes);
	if (n / CACHE_BYTES_MAX >= 8)
		assert_false(cached(c, ID, &t, bytes, n));
	assert_int_equal(truncate(file, 4096 + CACHE_BYTES_MAX), 0);
	assert_false(cached(c, ID, &t, bytes, n));
	free(bytes);
	cache_close(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unchanged),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_moved),
		cmocka_unit_test(test_lost),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
