/*
 * Reads a whole MP3 file in order. Threads encode the next chunks into the free
 * slots of a small ring; the reader frees a slot after reading it. The ring
 * limits memory, and the work lost when a reader stops early.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "media/mp3_file.h"

#define THREADS_MAX	8
#define SLOTS		(2 * THREADS_MAX)

struct slot {
	uint8_t		*bytes;
	bool		 ready;
};

struct mp3_reader {
	const struct mp3_file	*file;
	const struct store	*store;
	struct cache		*cache;
	pthread_t		 threads[THREADS_MAX];
	unsigned		 started, slots;
	pthread_mutex_t		 lock;
	pthread_cond_t		 changed;
	struct slot		 ring[SLOTS];
	int64_t			 next;	/* next chunk to encode */
	int64_t			 chunk;	/* chunk being read */
	int64_t			 at;	/* read position in the file */
	bool			 failed, stop;
};

/* Returns the next chunk to encode, or -1 at the end. The caller holds the
 * lock. */
static int64_t
reader_take(struct mp3_reader *r)
{
	while (!r->stop && !r->failed && r->next < r->file->mp3.chunks &&
	    r->next >= r->chunk + r->slots)
		(void)pthread_cond_wait(&r->changed, &r->lock);
	if (r->stop || r->failed || r->next == r->file->mp3.chunks)
		return (-1);
	return (r->next++);
}

/* Encodes chunks until the end. The caller holds the lock, which is released
 * while a chunk is encoded. */
static void
reader_encode(struct mp3_reader *r, const struct source *s)
{
	struct slot	*slot;
	enum result	 result;
	int64_t		 chunk;

	while ((chunk = reader_take(r)) != -1) {
		slot = &r->ring[chunk % r->slots];
		(void)pthread_mutex_unlock(&r->lock);
		result = mp3_file_chunk(r->file, s, r->cache, chunk,
		    slot->bytes);
		(void)pthread_mutex_lock(&r->lock);
		slot->ready = true;
		r->failed = r->failed || result != OK;
		(void)pthread_cond_broadcast(&r->changed);
	}
}

static void *
reader_thread(void *arg)
{
	struct mp3_reader	*r = arg;
	struct source		 s;
	const char		*why;
	bool			 open;

	open = mp3_file_open(r->file, r->store, &s, &why) == OK;
	(void)pthread_mutex_lock(&r->lock);
	if (open)
		reader_encode(r, &s);
	else
		r->failed = true;
	(void)pthread_cond_broadcast(&r->changed);
	(void)pthread_mutex_unlock(&r->lock);
	if (open)
		source_close(&s);
	return (NULL);
}

static bool
reader_start(struct mp3_reader *r, unsigned threads)
{
	unsigned	 i;

	for (i = 0; i < r->slots; i++)
		if ((r->ring[i].bytes = malloc(MP3_CHUNK_MAX)) == NULL)
			return (false);
	for (; r->started < threads; r->started++)
		if (pthread_create(&r->threads[r->started], NULL,
		    reader_thread, r) != 0)
			break;
	return (r->started > 0);
}

struct mp3_reader *
mp3_reader_new(const struct mp3_file *f, const struct store *store,
    struct cache *c, unsigned threads)
{
	struct mp3_reader	*r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (NULL);
	r->file = f;
	r->store = store;
	r->cache = c;
	(void)pthread_mutex_init(&r->lock, NULL);
	(void)pthread_cond_init(&r->changed, NULL);
	if (threads > THREADS_MAX)
		threads = THREADS_MAX;
	r->slots = 2 * threads;
	if (reader_start(r, threads))
		return (r);
	mp3_reader_free(r);
	return (NULL);
}

/* Waits for the slot of the current chunk. Returns NULL on an error. */
static struct slot *
reader_wait(struct mp3_reader *r)
{
	struct slot	*slot = &r->ring[r->chunk % r->slots];

	(void)pthread_mutex_lock(&r->lock);
	while (!slot->ready && !r->failed)
		(void)pthread_cond_wait(&r->changed, &r->lock);
	if (r->failed)
		slot = NULL;
	(void)pthread_mutex_unlock(&r->lock);
	return (slot);
}

static void
reader_release(struct mp3_reader *r, struct slot *slot)
{
	(void)pthread_mutex_lock(&r->lock);
	slot->ready = false;
	r->chunk++;
	(void)pthread_cond_broadcast(&r->changed);
	(void)pthread_mutex_unlock(&r->lock);
}

static size_t
reader_copy(struct mp3_reader *r, void *buf, size_t n, const uint8_t *from,
    int64_t end)
{
	if ((int64_t)n > end - r->at)
		n = (size_t)(end - r->at);
	memcpy(buf, from, n);
	r->at += (int64_t)n;
	return (n);
}

ssize_t
mp3_reader_read(struct mp3_reader *r, void *buf, size_t n)
{
	const struct mp3	*m = &r->file->mp3;
	struct slot		*slot;
	int64_t			 start_at, end;

	if (r->at == m->length)
		return (0);
	if (r->at < m->header_bytes)
		return ((ssize_t)reader_copy(r, buf, n, r->file->header + r->at,
		    m->header_bytes));
	if ((slot = reader_wait(r)) == NULL)
		return (-1);
	start_at = mp3_chunk_offset(m, r->chunk);
	end = start_at + (int64_t)mp3_chunk_bytes(m, r->chunk);
	n = reader_copy(r, buf, n, slot->bytes + (r->at - start_at), end);
	if (r->at == end)
		reader_release(r, slot);
	return ((ssize_t)n);
}

void
mp3_reader_free(struct mp3_reader *r)
{
	unsigned	 i;

	if (r == NULL)
		return;
	(void)pthread_mutex_lock(&r->lock);
	r->stop = true;
	(void)pthread_cond_broadcast(&r->changed);
	(void)pthread_mutex_unlock(&r->lock);
	for (i = 0; i < r->started; i++)
		(void)pthread_join(r->threads[i], NULL);
	for (i = 0; i < SLOTS; i++)
		free(r->ring[i].bytes);
	(void)pthread_mutex_destroy(&r->lock);
	(void)pthread_cond_destroy(&r->changed);
	free(r);
}
