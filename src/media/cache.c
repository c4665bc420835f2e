/*
 * The file is a sequence of sets; a set is a page of eight entries, then eight
 * payloads:
 *
 *	| entry x 8, padded to 4 KiB | 64 KiB | 64 KiB | ... x 8 | next set ...
 *
 * An entry is valid only when its checksum matches entry and payload, so that
 * readers need no lock and a crash during a write does no harm. Writers lock
 * the set: threads with a mutex, processes with a lock on the range of the
 * file. Numbers have the byte order of the machine. The system calls are
 * among those that the seccomp filter of the workers allows.
 */
#include <sys/stat.h>
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/clock.h"
#include "media/cache.h"

#define SLOTS		8
#define ENTRIES_BYTES	4096
#define SET_BYTES	(ENTRIES_BYTES + SLOTS * (int64_t)CACHE_BYTES_MAX)
#define HASH_BYTES	24
#define CHECK_BYTES	crypto_onetimeauth_BYTES

struct entry {
	uint8_t		key[HASH_BYTES];	/* hash of the key */
	int64_t		written_ms;		/* 0: empty */
	uint8_t		check[CHECK_BYTES];	/* of entry and payload */
	uint32_t	length;			/* bytes of the payload */
	uint32_t	dirty;			/* bytes to wipe */
};

/* Words that a processor with vectors adds at once. */
typedef uint64_t lanes __attribute__((vector_size(64)));
typedef uint32_t halves __attribute__((vector_size(32)));

/* The compiler makes this function for several processors; the program chooses
 * at its start. With AVX-512 it is six times as fast as without. */
#if defined(__x86_64__)
#define FOR_PROCESSORS	__attribute__((target_clones("avx512f", "avx2", \
			    "default")))
#else
#define FOR_PROCESSORS
#endif

/* What a checksum is made of; its bytes are a message, so it has no padding. */
struct sums {
	lanes		first;		/* sums of the words */
	lanes		second;		/* sums of those */
	uint64_t	length;
	uint64_t	zero[7];
};

struct cache {
	int		fd;
	int64_t		sets;
	pthread_mutex_t	writing;
};

int64_t	(*cache_clock)(void) = clock_now_ms;

/* Reads n bytes. With the flag RWF_NOWAIT, fails when they are not in
 * memory. */
static bool
cache_read(struct cache *c, void *buf, size_t n, int64_t at, int flags)
{
	struct iovec	 v = { buf, n };

	return (preadv2(c->fd, &v, 1, at, flags) == (ssize_t)n);
}

static bool
cache_write(struct cache *c, const void *buf, size_t n, int64_t at)
{
	return (pwrite(c->fd, buf, n, at) == (ssize_t)n);
}

static int64_t
entry_at(int64_t set, int slot)
{
	return (set * SET_BYTES + slot * (int64_t)sizeof(struct entry));
}

static int64_t
payload_at(int64_t set, int slot)
{
	return (set * SET_BYTES + ENTRIES_BYTES +
	    slot * (int64_t)CACHE_BYTES_MAX);
}

static void
hash_key(const char *key, uint8_t hash[HASH_BYTES])
{
	(void)crypto_generichash(hash, HASH_BYTES, (const uint8_t *)key,
	    strlen(key), NULL, 0);
}

static int64_t
set_of(const struct cache *c, const uint8_t hash[HASH_BYTES])
{
	uint64_t	 n;

	memcpy(&n, hash, sizeof(n));
	return ((int64_t)(n % (uint64_t)c->sets));
}

/* Computes Fletcher's two sums (J. Fletcher, "An Arithmetic Checksum for Serial
 * Transmissions", 1982), of 32-bit words in eight lanes. The last words are
 * filled up with zeros. The sums of a chunk stay far below 2^64: none wraps, so
 * that two changes never cancel out in both. */
FOR_PROCESSORS
static void
sums_of(struct sums *out, const uint8_t *bytes, size_t n)
{
	lanes	 first = { 0 }, second = { 0 };
	halves	 words;
	size_t	 at;

	_Static_assert(CACHE_BYTES_MAX <= 1 << 20, "no sum wraps");

	for (at = 0; n - at >= sizeof(words); at += sizeof(words)) {
		memcpy(&words, bytes + at, sizeof(words));
		first += __builtin_convertvector(words, lanes);
		second += first;
	}
	memset(&words, 0, sizeof(words));
	memcpy(&words, bytes + at, n - at);
	out->first = first + __builtin_convertvector(words, lanes);
	out->second = second + out->first;
}

/* Computes the checksum: the sums of the payload through Poly1305, with a key
 * made of key and time. It detects damage, not forgery, and is computed for
 * each chunk that is sent, so that it must take little beside TLS. */
static void
check_of(const struct entry *e, const uint8_t *payload,
    uint8_t check[CHECK_BYTES])
{
	struct sums	 s = { .length = e->length };

	_Static_assert(offsetof(struct entry, check) ==
	    crypto_onetimeauth_KEYBYTES, "key and time are Poly1305's key");
	sums_of(&s, payload, e->length);
	(void)crypto_onetimeauth(check, (const uint8_t *)&s, sizeof(s),
	    (const uint8_t *)e);
}

/* Returns whether the entry may be used. An entry from the future, written
 * before the clock was set back, may not. */
static bool
entry_fresh(const struct entry *e)
{
	int64_t	 age;

	age = cache_clock() - e->written_ms;
	return (e->written_ms != 0 && age >= 0 && age <= CACHE_AGE_MS);
}

/* Returns the slot with the hash, or -1. */
static int
entry_find(const struct entry *entries, const uint8_t hash[HASH_BYTES])
{
	int	 i;

	for (i = 0; i < SLOTS; i++)
		if (entries[i].written_ms != 0 &&
		    memcmp(entries[i].key, hash, HASH_BYTES) == 0)
			return (i);
	return (-1);
}

static int
entry_oldest(const struct entry *entries)
{
	int	 best, i;

	for (best = 0, i = 1; i < SLOTS; i++)
		if (entries[i].written_ms < entries[best].written_ms)
			best = i;
	return (best);
}

static size_t
slot_get(struct cache *c, const char *key, uint8_t *out, size_t cap, int flags)
{
	struct entry	 entries[SLOTS], *e;
	uint8_t		 check[CHECK_BYTES], hash[HASH_BYTES];
	int64_t		 set;
	int		 slot;

	if (c == NULL)
		return (0);
	hash_key(key, hash);
	set = set_of(c, hash);
	if (!cache_read(c, entries, sizeof(entries), entry_at(set, 0), flags) ||
	    (slot = entry_find(entries, hash)) == -1)
		return (0);
	e = &entries[slot];
	if (!entry_fresh(e) || e->length > cap || e->length > CACHE_BYTES_MAX ||
	    !cache_read(c, out, e->length, payload_at(set, slot), flags))
		return (0);
	check_of(e, out, check);
	return (memcmp(check, e->check, CHECK_BYTES) == 0 ? e->length : 0);
}

size_t
cache_get(struct cache *c, const char *key, uint8_t *out, size_t cap)
{
	return (slot_get(c, key, out, cap, 0));
}

size_t
cache_get_now(struct cache *c, const char *key, uint8_t *out, size_t cap)
{
	return (slot_get(c, key, out, cap, RWF_NOWAIT));
}

static bool
lock_range(struct cache *c, int64_t set, short type)
{
	struct flock	 l;

	memset(&l, 0, sizeof(l));
	l.l_type = type;
	l.l_whence = SEEK_SET;
	l.l_start = set * SET_BYTES;
	l.l_len = SET_BYTES;
	return (fcntl(c->fd, F_OFD_SETLK, &l) == 0);
}

/* Locks the set. Returns false without waiting when another process holds the
 * lock, since that process may be stopped. */
static bool
lock_set(struct cache *c, int64_t set)
{
	(void)pthread_mutex_lock(&c->writing);
	if (lock_range(c, set, F_WRLCK))
		return (true);
	(void)pthread_mutex_unlock(&c->writing);
	return (false);
}

static void
unlock_set(struct cache *c, int64_t set)
{
	(void)lock_range(c, set, F_UNLCK);
	(void)pthread_mutex_unlock(&c->writing);
}

/* Overwrites the bytes from (inclusive) to (exclusive) of a payload with
 * zeros. */
static bool
payload_zero(struct cache *c, int64_t set, int slot, size_t from, size_t to)
{
	static const uint8_t	 zeros[CACHE_BYTES_MAX];

	return (from >= to || cache_write(c, zeros, to - from,
	    payload_at(set, slot) + (int64_t)from));
}

/* Returns whether the set is inside the file. Another process may have made the
 * file smaller, and a write must not make it grow again. */
static bool
inside_file(struct cache *c, int64_t set)
{
	struct stat	 st;

	return (fstat(c->fd, &st) == 0 && (set + 1) * SET_BYTES <= st.st_size);
}

/* Writes the entry before the payload, so that after a failure `dirty` covers
 * all written bytes and the sweep wipes them. */
static void
write_slot(struct cache *c, int64_t set, const uint8_t hash[HASH_BYTES],
    const uint8_t *bytes, size_t n)
{
	struct entry	 entries[SLOTS], *e;
	int		 slot;

	if (!inside_file(c, set) ||
	    !cache_read(c, entries, sizeof(entries), entry_at(set, 0), 0))
		return;
	if ((slot = entry_find(entries, hash)) == -1)
		slot = entry_oldest(entries);
	e = &entries[slot];
	if (e->dirty > CACHE_BYTES_MAX)
		e->dirty = CACHE_BYTES_MAX;
	memcpy(e->key, hash, HASH_BYTES);
	e->written_ms = cache_clock();
	e->length = (uint32_t)n;
	if (e->dirty < n)
		e->dirty = (uint32_t)n;
	check_of(e, bytes, e->check);
	if (cache_write(c, e, sizeof(*e), entry_at(set, slot)) &&
	    cache_write(c, bytes, n, payload_at(set, slot)))
		(void)payload_zero(c, set, slot, n, e->dirty);
}

void
cache_put(struct cache *c, const char *key, const uint8_t *bytes, size_t n)
{
	uint8_t	 hash[HASH_BYTES];
	int64_t	 set;

	if (c == NULL || n > CACHE_BYTES_MAX)
		return;
	hash_key(key, hash);
	set = set_of(c, hash);
	if (!lock_set(c, set))
		return;
	write_slot(c, set, hash, bytes, n);
	unlock_set(c, set);
}

/* Wipes the old slots of a set. Wipes the payload before the entry, so that
 * after a failure the slot is swept again. */
static size_t
wipe_old(struct cache *c, int64_t set, struct entry *entries)
{
	static const struct entry	 empty;
	size_t				 wiped;
	int				 i;

	for (wiped = 0, i = 0; i < SLOTS; i++) {
		if (entries[i].written_ms == 0 || entry_fresh(&entries[i]))
			continue;
		if (entries[i].dirty > CACHE_BYTES_MAX)
			entries[i].dirty = CACHE_BYTES_MAX;
		if (payload_zero(c, set, i, 0, entries[i].dirty) &&
		    cache_write(c, &empty, sizeof(empty), entry_at(set, i)))
			wiped++;
	}
	return (wiped);
}

size_t
cache_sweep(struct cache *c)
{
	struct entry	 entries[SLOTS];
	struct stat	 st;
	size_t		 wiped;
	int64_t		 set;

	if (c == NULL || fstat(c->fd, &st) == -1)
		return (0);
	wiped = 0;
	for (set = 0; (set + 1) * SET_BYTES <= st.st_size; set++) {
		if (!lock_set(c, set))
			continue;
		if (cache_read(c, entries, sizeof(entries), entry_at(set, 0),
		    0))
			wiped += wipe_old(c, set, entries);
		unlock_set(c, set);
	}
	return (wiped);
}

static bool
file_resize(struct cache *c, int64_t megabytes)
{
	struct stat	 st;

	c->sets = megabytes * 1024 * 1024 / SET_BYTES;
	if (c->sets < 1) {
		errno = EINVAL;
		return (false);
	}
	if (fstat(c->fd, &st) == -1)
		return (false);
	return (st.st_size == c->sets * SET_BYTES ||
	    ftruncate(c->fd, c->sets * SET_BYTES) == 0);
}

struct cache *
cache_open(const char *dir, int64_t megabytes)
{
	struct cache	*c;
	char		*path;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (NULL);
	(void)pthread_mutex_init(&c->writing, NULL);
	if (asprintf(&path, "%s/chunks", dir) == -1) {
		free(c);
		return (NULL);
	}
	c->fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	free(path);
	if (c->fd != -1 && file_resize(c, megabytes))
		return (c);
	cache_close(c);
	return (NULL);
}

void
cache_close(struct cache *c)
{
	int	 saved;

	if (c == NULL)
		return;
	saved = errno;
	if (c->fd != -1)
		(void)close(c->fd);
	(void)pthread_mutex_destroy(&c->writing);
	free(c);
	errno = saved;
}
