/*
 * Sends the MP3 of one recording, see playback.h. A chunk that the cache has in
 * memory is copied at once. For any other chunk the playback has one job in the
 * pool at a time, which makes it while the previous chunk is sent. So a slow
 * client holds no thread, and a client that leaves costs at most one chunk.
 * Everything but chunk_run() happens on the event loop.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "recordings/playback.h"
#include "recordings/sound.h"
#include "server/server.h"

#define ID_TEXT		37

/* Bytes of the file at an offset; bytes is malloc'd, NULL when empty. */
struct piece {
	uint8_t		*bytes;
	int64_t		 offset;
	size_t		 n;
};

struct playback {
	struct job	 job;		/* first: chunk_run() casts it back */
	struct mp3_file	 file;
	struct source	 source;
	char		 id[ID_TEXT];
	struct stream	*stream;
	int64_t		 at;		/* next byte to send */
	int64_t		 end;		/* byte after the last */
	int64_t		 chunk;		/* next one to make */
	struct piece	 now;		/* being sent */
	struct piece	 ahead;		/* made, to be sent next */
	struct piece	 made;		/* the job's, while it is in the pool */
	enum result	 made_result;	/* the job's, likewise */
	enum result	 result;	/* not OK: no more chunks */
	bool		 in_work;	/* the job is in the pool */
	bool		 heard;		/* a chunk was made */
	bool		 at_once;	/* the last chunk was in memory */
	atomic_bool	 gone;		/* the client has left */
};

static void	chunk_done(struct job *);

static void
playback_free(struct playback *p)
{
	source_close(&p->source);
	free(p->now.bytes);
	free(p->ahead.bytes);
	free(p->made.bytes);
	free(p);
}

/* On a pool thread. */
static void
chunk_run(struct job *j)
{
	struct playback	*p = (struct playback *)j;

	if (!atomic_load(&p->gone))
		p->made_result = mp3_file_chunk(&p->file, &p->source,
		    sound_cache(), p->chunk, p->made.bytes);
}

/* Makes the chunk just made the one to be sent next. */
static void
chunk_made(struct playback *p)
{
	p->ahead = p->made;
	p->heard = true;
	p->chunk++;
	memset(&p->made, 0, sizeof(p->made));
}

static void
chunk_done(struct job *j)
{
	struct playback	*p = (struct playback *)j;

	p->in_work = false;
	if (atomic_load(&p->gone)) {
		playback_free(p);
		return;
	}
	p->result = p->made_result;
	if (p->result == OK)
		chunk_made(p);
	else
		log_error("event=playback_failed recording=%s chunk=%lld "
		    "result=%d", p->id, (long long)p->chunk, p->result);
	stream_wake(p->stream);
}

/* Starts to make the next chunk, unless one is being made or waits. */
static void
chunk_make_ahead(struct playback *p)
{
	if (p->in_work || p->ahead.bytes != NULL || p->result != OK ||
	    mp3_chunk_offset(&p->file.mp3, p->chunk) >= p->end)
		return;
	p->made.offset = mp3_chunk_offset(&p->file.mp3, p->chunk);
	p->made.n = mp3_chunk_bytes(&p->file.mp3, p->chunk);
	if ((p->made.bytes = malloc(p->made.n)) == NULL)
		log_fatal("event=out_of_memory");
	p->at_once = mp3_file_chunk_now(&p->file, sound_cache(), p->chunk,
	    p->made.bytes);
	if (p->at_once) {
		chunk_made(p);
		return;
	}
	p->in_work = true;
	/* a person's first sounds before what they will hear later */
	p->job.item.soon = !p->heard;
	pool_resubmit(server_pool(), &p->job);
}

/* Makes the piece with the next byte the current one. Returns false when it is
 * not made yet. */
static bool
current_piece(struct playback *p)
{
	if (p->now.bytes == NULL) {
		p->now = p->ahead;
		memset(&p->ahead, 0, sizeof(p->ahead));
	}
	return (p->now.bytes != NULL);
}

/* Copies the bytes of a piece from the next byte on, at most cap of them. */
static ssize_t
piece_copy(struct playback *p, const uint8_t *bytes, int64_t offset, size_t n,
    void *buf, size_t cap)
{
	int64_t	 left;

	left = offset + (int64_t)n;
	if (left > p->end)
		left = p->end;
	left -= p->at;
	if (left > (int64_t)cap)
		left = (int64_t)cap;
	memcpy(buf, bytes + (p->at - offset), (size_t)left);
	p->at += left;
	return ((ssize_t)left);
}

/* Copies from the current piece, and frees it after its last byte. */
static ssize_t
current_copy(struct playback *p, void *buf, size_t cap)
{
	ssize_t	 n;

	n = piece_copy(p, p->now.bytes, p->now.offset, p->now.n, buf, cap);
	if (p->at == p->now.offset + (int64_t)p->now.n) {
		free(p->now.bytes);
		p->now.bytes = NULL;
	}
	return (n);
}

/* Copies the next chunk from the cache to buf, without holding it: it has the
 * next byte to send, is to be sent whole, and in memory. Returns its length, or
 * 0 when that is not so. */
static ssize_t
chunk_take_now(struct playback *p, uint8_t *buf, size_t cap)
{
	size_t	 n;

	if (p->in_work || p->result != OK ||
	    p->at != mp3_chunk_offset(&p->file.mp3, p->chunk))
		return (0);
	n = mp3_chunk_bytes(&p->file.mp3, p->chunk);
	if (n > cap || p->at + (int64_t)n > p->end ||
	    !mp3_file_chunk_now(&p->file, sound_cache(), p->chunk, buf))
		return (0);
	p->chunk++;
	p->at += (int64_t)n;
	p->at_once = true;
	p->heard = true;
	return ((ssize_t)n);
}

/* Does playback_next() for the header or one chunk. */
static ssize_t
playback_next_part(struct playback *p, uint8_t *buf, size_t cap)
{
	ssize_t	 n;
	int	 header = p->file.mp3.header_bytes;

	if (p->at >= p->end)
		return (0);
	if (p->at < header) {
		chunk_make_ahead(p);
		return (
		    piece_copy(p, p->file.header, 0, (size_t)header, buf, cap));
	}
	if (!current_piece(p)) {
		if ((n = chunk_take_now(p, buf, cap)) > 0)
			return (n);
		chunk_make_ahead(p);
		if (!current_piece(p))
			return (p->result == OK ? STREAM_WAIT : STREAM_FAIL);
	}
	/* chunks from memory need not be held for a slow client */
	if (!p->at_once)
		chunk_make_ahead(p);
	return (current_copy(p, buf, cap));
}

/* Returns whether the next part fits into cap bytes. Part of a chunk would have
 * to be held until the next call. */
static bool
next_part_fits(const struct playback *p, size_t cap)
{
	return ((cap > 0 && (p->now.bytes != NULL || p->ahead.bytes != NULL)) ||
	    cap >= mp3_chunk_bytes(&p->file.mp3, 0));
}

/* Fills buf from several parts, so that TLS records are full. */
static ssize_t
playback_next(void *arg, void *buf, size_t cap)
{
	struct playback	*p = arg;
	size_t		 n = 0;
	ssize_t		 got;

	do {
		got = playback_next_part(p, (uint8_t *)buf + n, cap - n);
		if (got > 0)
			n += (size_t)got;
	} while (got > 0 && next_part_fits(p, cap - n));
	return (n > 0 ? (ssize_t)n : got);
}

static void
playback_started(void *arg, struct stream *stream)
{
	struct playback	*p = arg;

	p->stream = stream;
}

static void
playback_done(void *arg, bool aborted)
{
	struct playback	*p = arg;

	(void)aborted;
	atomic_store(&p->gone, true);
	if (!p->in_work)
		playback_free(p);
}

struct stream_source
playback_new(const struct mp3_file *file, const struct source *source,
    const char *id, const struct fair_key *key, int64_t first, int64_t last)
{
	struct stream_source	 s;
	struct playback		*p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		log_fatal("event=out_of_memory");
	p->job.run = chunk_run;
	p->job.done = chunk_done;
	p->job.item.key = *key;
	p->file = *file;
	p->source = *source;
	(void)snprintf(p->id, sizeof(p->id), "%s", id);
	p->at = first;
	p->end = last + 1;
	if (first > file->mp3.header_bytes)
		p->chunk = mp3_chunk_at(&file->mp3, first);
	s.next = playback_next;
	s.done = playback_done;
	s.started = playback_started;
	s.arg = p;
	return (s);
}
