/*
 * The chunk cache: a get returns the bytes of the put or nothing, whatever
 * happens to the file, the disk, the clock or other processes.
 */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "media/cache.h"

#define CHUNK		55296
#define SET_BYTES	(4096 + 8 * 65536)
#define MINUTE		60000

static char	 dir[] = "/tmp/test_cache.XXXXXX";
static char	 file[64];
static int64_t	 now = 1000000000000;

static int64_t
test_clock(void)
{
	return (now);
}

static int
setup(void **state)
{
	(void)state;
	cache_clock = test_clock;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(file, sizeof(file), "%s/chunks", dir);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	(void)unlink(file);
	return (rmdir(dir));
}

static struct cache *
fresh_cache(int64_t megabytes)
{
	struct cache	*c;

	(void)unlink(file);
	c = cache_open(dir, megabytes);
	assert_non_null(c);
	return (c);
}

/* Fills out with nonzero bytes that depend on the key. */
static void
fill(uint8_t *out, size_t n, unsigned key)
{
	uint32_t	 x = key * 2654435761U + 1;
	size_t		 i;

	for (i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		out[i] = (uint8_t)(x >> 24 | 1);
	}
}

static size_t
length_of(unsigned key)
{
	return (key % 3 == 0 ? 36864 : CHUNK - key % 1000);
}

static void
put(struct cache *c, unsigned key)
{
	uint8_t	 bytes[CHUNK];
	char	 name[32];

	fill(bytes, length_of(key), key);
	(void)snprintf(name, sizeof(name), "recording %u", key);
	cache_put(c, name, bytes, length_of(key));
}

/* Returns 1 for the right bytes, 0 for none, -1 for wrong ones. */
static int
get_by(size_t (*how)(struct cache *, const char *, uint8_t *, size_t),
    struct cache *c, unsigned key)
{
	static _Thread_local uint8_t	 got[CHUNK], want[CHUNK];
	char				 name[32];
	size_t				 n;

	(void)snprintf(name, sizeof(name), "recording %u", key);
	if ((n = how(c, name, got, sizeof(got))) == 0)
		return (0);
	fill(want, length_of(key), key);
	return (n == length_of(key) && memcmp(got, want, n) == 0 ? 1 : -1);
}

/* Like get_by(); checks cache_get_now() for wrong bytes, then uses
 * cache_get(). */
static int
get(struct cache *c, unsigned key)
{
	if (get_by(cache_get_now, c, key) == -1)
		return (-1);
	return (get_by(cache_get, c, key));
}

static void
test_put_get(void **state)
{
	struct cache	*c = fresh_cache(4);
	uint8_t		 small[10];

	(void)state;
	assert_int_equal(get(c, 1), 0);
	put(c, 1);
	put(c, 2);
	assert_int_equal(get(c, 1), 1);
	assert_int_equal(get(c, 2), 1);
	assert_int_equal(get(c, 3), 0);
	assert_int_equal(cache_get(c, "recording 1", small, 10), 0);
	cache_close(c);
	/* the file outlives the processes that use it */
	c = cache_open(dir, 4);
	assert_int_equal(get(c, 1), 1);
	cache_close(c);
}

static void
test_without_cache(void **state)
{
	(void)state;
	assert_null(cache_open("/nowhere/at/all", 4));
	assert_null(cache_open(dir, 0));
	put(NULL, 1);
	assert_int_equal(get(NULL, 1), 0);
	assert_int_equal(cache_sweep(NULL), 0);
	cache_close(NULL);
}

static void
test_too_long(void **state)
{
	struct cache	*c = fresh_cache(1);
	static uint8_t	 big[CACHE_BYTES_MAX + 1], got[CACHE_BYTES_MAX + 1];

	(void)state;
	fill(big, sizeof(big), 1);
	cache_put(c, "longest", big, CACHE_BYTES_MAX);
	assert_int_equal(cache_get(c, "longest", got, sizeof(got)),
	    CACHE_BYTES_MAX);
	assert_memory_equal(got, big, CACHE_BYTES_MAX);
	cache_put(c, "too long", big, CACHE_BYTES_MAX + 1);
	assert_int_equal(cache_get(c, "too long", got, sizeof(got)), 0);
	cache_close(c);
}

static int64_t
file_size(void)
{
	struct stat	 st;

	assert_int_equal(stat(file, &st), 0);
	return (st.st_size);
}

/* The file never exceeds the given size, and the newest chunks stay. */
static void
test_bound(void **state)
{
	struct cache	*c = fresh_cache(4);
	unsigned	 i, hits;

	(void)state;
	for (i = 0; i < 500; i++) {
		now += 10;
		put(c, i);
		assert_int_equal(get(c, i), 1);
	}
	assert_int_equal(file_size(), 4 * 1024 * 1024 / SET_BYTES * SET_BYTES);
	for (i = hits = 0; i < 500; i++) {
		assert_int_not_equal(get(c, i), -1);
		hits += (unsigned)get(c, i);
	}
	assert_int_equal(hits, 4 * 1024 * 1024 / SET_BYTES * 8);
	cache_close(c);
	/* a cache of one set holds exactly the last eight chunks */
	c = fresh_cache(1);
	for (i = 0; i < 20; i++) {
		now += 10;
		put(c, i);
	}
	for (i = 0; i < 20; i++)
		assert_int_equal(get(c, i), i >= 12);
	cache_close(c);
}

/* Another process shrinks the file: no process grows it again. */
static void
test_resized(void **state)
{
	struct cache	*small, *large = fresh_cache(8);
	unsigned	 i;

	(void)state;
	small = cache_open(dir, 2);
	assert_non_null(small);
	for (i = 0; i < 200; i++) {
		now += 10;
		put(large, i);
		assert_int_not_equal(get(large, i), -1);
		put(small, i);
		assert_int_equal(get(small, i), 1);
	}
	assert_int_equal(file_size(), 2 * 1024 * 1024 / SET_BYTES * SET_BYTES);
	cache_close(small);
	cache_close(large);
}

static void
test_age(void **state)
{
	struct cache	*c = fresh_cache(4);

	(void)state;
	put(c, 1);
	now += 55 * MINUTE;
	assert_int_equal(get(c, 1), 1);
	now += 1;
	assert_int_equal(get(c, 1), 0);
	put(c, 1);
	assert_int_equal(get(c, 1), 1);
	/* the clock was set back: the age is unknown */
	now -= 1;
	assert_int_equal(get(c, 1), 0);
	now += 1;
	cache_close(c);
}

/* Returns the number of nonzero payload bytes in the file. */
static size_t
remains(void)
{
	FILE	*f;
	size_t	 n;
	int	 byte;

	f = fopen(file, "r");
	assert_non_null(f);
	for (n = 0; (byte = getc(f)) != EOF;)
		n += byte != 0;
	fclose(f);
	return (n);
}

static void
test_sweep(void **state)
{
	struct cache	*c = fresh_cache(4);
	unsigned	 i;

	(void)state;
	for (i = 0; i < 10; i++)
		put(c, i);
	now += 30 * MINUTE;
	put(c, 10);
	assert_int_equal(cache_sweep(c), 0);
	now += 25 * MINUTE + 1;
	assert_int_equal(cache_sweep(c), 10);
	assert_in_range(remains(), length_of(10), length_of(10) + 200);
	assert_int_equal(get(c, 10), 1);
	now += 30 * MINUTE;
	assert_int_equal(cache_sweep(c), 1);
	assert_int_equal(remains(), 0);
	assert_int_equal(cache_sweep(c), 0);
	cache_close(c);
}

/* A short chunk that replaces a long one leaves none of its bytes. */
static void
test_replaced(void **state)
{
	struct cache	*c = fresh_cache(1);
	uint8_t		 bytes[CHUNK], got[CHUNK];

	(void)state;
	fill(bytes, CHUNK, 7);
	cache_put(c, "same", bytes, CHUNK);
	assert_in_range(remains(), CHUNK, CHUNK + 200);
	cache_put(c, "same", bytes, 100);
	assert_in_range(remains(), 100, 300);
	assert_int_equal(cache_get(c, "same", got, CHUNK), 100);
	now += 55 * MINUTE + 1;
	assert_int_equal(cache_sweep(c), 1);
	assert_int_equal(remains(), 0);
	cache_close(c);
}

static void
flip_bit(int fd, int at)
{
	uint8_t	 byte;

	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 0x80;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
}

/* Two flips of the same bit do not cancel out in the checksum, whatever their
 * distance. */
static void
test_damaged_twice(void **state)
{
	struct cache	*c = fresh_cache(1);
	int		 fd, at, step, misses = 0;

	(void)state;
	put(c, 1);
	fd = open(file, O_RDWR);
	assert_int_not_equal(fd, -1);
	for (at = 0; at < 8192; at += 67)
		for (step = 4; step <= 256; step *= 2) {
			flip_bit(fd, at);
			flip_bit(fd, at + step);
			assert_int_not_equal(get(c, 1), -1);
			misses += get(c, 1) == 0;
			flip_bit(fd, at);
			flip_bit(fd, at + step);
		}
	assert_int_equal(get(c, 1), 1);
	assert_true(misses >= 60);
	close(fd);
	cache_close(c);
}

/* With any byte of the file changed, a get misses or returns the right
 * bytes. */
static void
test_damaged(void **state)
{
	struct cache	*c = fresh_cache(1);
	int		 fd, i, misses;
	uint8_t		 byte, changed;

	(void)state;
	put(c, 1);
	fd = open(file, O_RDWR);
	assert_int_not_equal(fd, -1);
	for (i = misses = 0; i < 8192; i += i < 128 ? 1 : 61) {
		assert_int_equal(pread(fd, &byte, 1, i), 1);
		changed = byte ^ 0x55;
		assert_int_equal(pwrite(fd, &changed, 1, i), 1);
		assert_int_not_equal(get(c, 1), -1);
		misses += get(c, 1) == 0;
		assert_int_equal(pwrite(fd, &byte, 1, i), 1);
		assert_int_equal(get(c, 1), 1);
	}
	assert_true(misses >= 60);
	/* a file full of garbage, then a truncated one */
	for (i = 0; i < SET_BYTES / 4; i++)
		assert_int_equal(write(fd, "\xff\xff\xff\x7f", 4), 4);
	assert_int_equal(get(c, 1), 0);
	(void)cache_sweep(c);
	put(c, 1);
	assert_int_equal(get(c, 1), 1);
	assert_int_equal(ftruncate(fd, 1000), 0);
	assert_int_equal(get(c, 1), 0);
	put(c, 1);
	assert_int_equal(file_size(), 1000);
	close(fd);
	cache_close(c);
}

/* A full disk, simulated by a limit on file sizes. */
static void
test_disk_full(void **state)
{
	struct cache	*c = fresh_cache(4);
	struct rlimit	 limit;
	rlim_t		 before;
	unsigned	 i;

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	before = limit.rlim_cur;
	limit.rlim_cur = 4096 + 1000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (i = 0; i < 50; i++) {
		put(c, i);
		assert_int_equal(get(c, i), 0);
	}
	limit.rlim_cur = before;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	put(c, 3);
	assert_int_equal(get(c, 3), 1);
	cache_close(c);
}

/* --- several processes of several threads -------------------------------- */

static void *
busy(void *arg)
{
	struct cache	*c = arg;
	unsigned	 key, seed = (unsigned)(uintptr_t)&key >> 4;
	intptr_t	 hits;
	int		 i, r;

	seed ^= (unsigned)getpid() * 7919;
	hits = 0;
	for (i = 0; i < 400; i++) {
		seed = seed * 1664525 + 1013904223;
		key = seed >> 27;
		if ((r = get(c, key)) == -1)
			return ((void *)-1);
		hits += r;
		if (r == 0 || i % 8 == 0)
			put(c, key);
		if (i % 100 == 0)
			(void)cache_sweep(c);
	}
	return ((void *)hits);
}

/* Exits with 0 if both threads had hits, all with the right bytes. */
static void
process(void)
{
	struct cache	*c;
	pthread_t	 threads[2];
	void		*result[2];
	int		 i;

	if ((c = cache_open(dir, 2)) == NULL)
		_exit(1);
	for (i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, busy, c) != 0)
			_exit(2);
	for (i = 0; i < 2; i++)
		(void)pthread_join(threads[i], &result[i]);
	_exit((intptr_t)result[0] > 0 && (intptr_t)result[1] > 0 ? 0 : 3);
}

static void
test_processes(void **state)
{
	pid_t	 pids[4];
	int	 i, status;

	(void)state;
	(void)unlink(file);
	for (i = 0; i < 4; i++) {
		assert_int_not_equal(pids[i] = fork(), -1);
		if (pids[i] == 0)
			process();
	}
	for (i = 0; i < 4; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(file_size(), 2 * 1024 * 1024 / SET_BYTES * SET_BYTES);
}

/* A lock of a process that was stopped while it writes does not block
 * others. */
static void
test_locked_elsewhere(void **state)
{
	struct cache	*c = fresh_cache(1);
	struct flock	 l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int		 fd;

	(void)state;
	fd = open(file, O_RDWR);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &l), 0);
	put(c, 1);
	assert_int_equal(get(c, 1), 0);
	assert_int_equal(cache_sweep(c), 0);
	close(fd);
	put(c, 1);
	assert_int_equal(get(c, 1), 1);
	cache_close(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put_get),
		cmocka_unit_test(test_without_cache),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_resized),
		cmocka_unit_test(test_age),
		cmocka_unit_test(test_sweep),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_damaged_twice),
		cmocka_unit_test(test_disk_full),
		cmocka_unit_test(test_processes),
		cmocka_unit_test(test_locked_elsewhere),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
