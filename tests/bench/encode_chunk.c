/*
 * encode_chunk STORE KEY [THREADS] - measures how long it takes to read and
 * encode one MP3 chunk of an audio object, as the median of 40, in
 * microseconds; with THREADS, the whole object in order. Used by
 * tests/bench/run.js.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "media/mp3.h"
#include "media/mp3_file.h"
#include "media/source.h"

#define ROUNDS	40

static double
now_us(void)
{
	struct timespec	t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3);
}

static int
compare(const void *a, const void *b)
{
	const double	*x = a, *y = b;

	return ((*x > *y) - (*x < *y));
}

static int
measure(const struct mp3 *m, const struct source *s)
{
	static uint8_t	out[MP3_CHUNK_MAX];
	double		took[ROUNDS];
	int		i;

	for (i = 0; i < ROUNDS; i++) {
		took[i] = now_us();
		if (mp3_encode(m, s, m->chunks / 2 + i * 3, out) != OK)
			return (1);
		took[i] = now_us() - took[i];
	}
	qsort(took, ROUNDS, sizeof(took[0]), compare);
	printf("%.0f\n", took[ROUNDS / 2]);
	return (0);
}

static int
measure_whole(const struct source *s, const struct store *store,
    const char *key, unsigned threads)
{
	static uint8_t		 out[MP3_CHUNK_MAX];
	struct mp3_facts	 facts = { .key = key, .sha256 = "",
				    .info = s->info, .title = "" };
	struct mp3_reader	*r;
	struct mp3_file		 f;
	double			 start = now_us();
	ssize_t			 n;

	if (mp3_file_plan(&f, &facts) != OK ||
	    (r = mp3_reader_new(&f, store, NULL, threads)) == NULL)
		return (1);
	while ((n = mp3_reader_read(r, out, sizeof(out))) > 0)
		continue;
	mp3_reader_free(r);
	printf("%.0f\n", now_us() - start);
	return (n == 0 ? 0 : 1);
}

int
main(int argc, char **argv)
{
	struct source	 s;
	struct store	*store;
	struct mp3	 m;
	const char	*why = "";
	char		*reason = NULL;
	int		 status = 1;

	if (argc < 3 || (store = store_new(argv[1], &reason)) == NULL) {
		fprintf(stderr, "usage: encode_chunk folder:DIR KEY [N]\n");
		return (2);
	}
	if (source_open(&s, store, argv[2], &why) != OK) {
		fprintf(stderr, "encode_chunk: %s\n", why);
		return (1);
	}
	if (argc > 3)
		status = measure_whole(&s, store, argv[2],
		    (unsigned)atoi(argv[3]));
	else if (mp3_plan(&m, s.info.rate, s.info.channels,
	    s.info.samples) == OK)
		status = measure(&m, &s);
	source_close(&s);
	return (status);
}
