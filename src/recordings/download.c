/*
 * GET /recordings/{id}/transcript.pdf and archive.zip. Both are made for each
 * request, as heavy work, with the same bytes each time; the PDF of a call that
 * did not change is taken from the cache. An archive is written to an unnamed
 * file in cache_dir, then sent. The files that are open are shared out: a slow
 * reader holds one of its customer's.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/filename.h"
#include "base/log.h"
#include "base/temporary.h"
#include "base/text.h"
#include "media/archive.h"
#include "media/transcript_cache.h"
#include "recordings/file.h"
#include "recordings/present.h"
#include "recordings/recordings.h"
#include "recordings/sound.h"
#include "server/server.h"

#define HASH_BYTES	16
#define ETAG_TEXT	(2 + 2 * HASH_BYTES + 1)
#define ARCHIVES_OPEN		64	/* files of archives, per worker */
#define ARCHIVES_CUSTOMER	8	/* … of one customer */
#define ARCHIVES_PERSON		6	/* … of one person */

/*
 * A download being made; malloc'd, since it may outlive the request. Its
 * current work owns it and, when an archive passes to a second work, that one
 * too.
 */
struct download {
	unsigned	 owners;
	struct db_rows	*rows;		/* of detail.sql */
	struct view	 view;		/* points into the request's arena */
	struct arena	 arena;
	bool		 with_sound;	/* archive, else transcript */
	struct mp3_file	 mp3;
	/* made on a thread */
	enum result	 result;
	const char	*why;
	bool		 pending;	/* no transcript yet */
	uint8_t		*pdf;		/* malloc'd; NULL once it is sent */
	size_t		 pdf_bytes;
	char		*pdf_name, *sound_name, *archive_name;
	struct civil	 when;
	int64_t		 until_ms;	/* of the recording */
	char		 etag[ETAG_TEXT];
	struct archive_entry entries[2];
	struct part	 part;
	struct mp3_reader *reader;
	size_t		 pdf_at;	/* bytes read by the archive */
	int		 fd;		/* of the archive; -1 once it is sent */
	struct fair_item *share;	/* malloc'd, or NULL: of the files */
	atomic_bool	 gone;		/* the request has ended */
};

/* A response being sent, from memory or from a file. */
struct sending {
	uint8_t		*bytes;		/* malloc'd; NULL: fd */
	int		 fd;
	struct fair_item *share;	/* if fd is not -1 */
	int64_t		 at, end;
};

static struct fair	*archives;	/* the files that are open */

static void	pdf_run(void *);
static void	transcript_made(struct ctx *, void *);
static void	archive_planned(struct ctx *, void *);
static void	archive_run(void *);
static void	archive_made(struct ctx *, void *);
static void	archive_gone(void *);
static void	download_release(void *);

static const struct work transcript_work = {
	.run = pdf_run, .answer = transcript_made, .release = download_release
};
static const struct work plan_work = {
	.run = pdf_run, .answer = archive_planned, .release = download_release
};
static const struct work archive_work = {
	.run = archive_run, .answer = archive_made,
	.release = download_release, .gone = archive_gone
};

void
recordings_start(void)
{
	static const struct fair_limits	limits = { .slots = ARCHIVES_OPEN,
		.customer_slots = ARCHIVES_CUSTOMER,
		.person_slots = ARCHIVES_PERSON };

	sound_start();
	store_ready_start();
	archives = fair_new(&limits);
}

/* Opens an archive's file, of the customer's share. Returns OK; CROWDED or BUSY
 * when as many are open as may be; UNAVAILABLE when it can't be opened. */
static enum result
archive_open(struct ctx *c, struct download *d)
{
	struct fair_item	*share;

	if ((share = calloc(1, sizeof(*share))) == NULL)
		log_fatal("event=out_of_memory");
	share->key = c->scope.key;
	if (!fair_hold(archives, share)) {
		free(share);
		return (fair_full(archives) ? BUSY : CROWDED);
	}
	d->share = share;
	d->fd = temporary_open(server_settings()->cache_dir);
	return (d->fd == -1 ? UNAVAILABLE : OK);
}

/* Closes the file unless it is -1, and gives back the share. */
static void
archive_close(int fd, struct fair_item *share)
{
	if (fd != -1)
		(void)close(fd);
	if (share != NULL)
		fair_end(archives, share);
	free(share);
}

static void
download_release(void *arg)
{
	struct download	*d = arg;

	if (--d->owners > 0)
		return;
	archive_close(d->fd, d->share);
	db_rows_free(d->rows);
	arena_dispose(&d->arena);
	free(d->pdf);
	free(d);
}

/* Returns a download in the request's language; NULL after a reply of 400. */
static struct download *
download_new(struct ctx *c)
{
	struct download	*d;
	enum lang	 lang;

	if (!file_lang(c, &lang))
		return (NULL);
	if ((d = calloc(1, sizeof(*d))) == NULL)
		log_fatal("event=out_of_memory");
	d->owners = 1;
	d->view = file_view(c, lang);
	d->fd = -1;
	return (d);
}

/* Keeps the call's row and starts work on a thread; replies 404 without one. */
static void
detail_found(struct ctx *c, struct db_rows *rows, struct download *d,
    const struct work *work)
{
	if (db_count(rows) == 0) {
		reply_result(c, NOT_FOUND);
		download_release(d);
		return;
	}
	d->rows = db_keep(rows);
	ctx_work_heavy(c, work, d);
}

/* Queries the call; a GET adds a download to the access log, HEAD does not. */
static void
query_detail(struct ctx *c, ask_answer answer, void *arg)
{
	const char	*params[2] = { c->id, c->head ? NULL : "download" };

	ask(c, SQL_RECORDINGS_DETAIL, params, 2, answer, arg);
}

static void
transcript_found(struct ctx *c, struct db_rows *rows, void *arg)
{
	struct download	*d;

	(void)arg;
	if ((d = download_new(c)) != NULL)
		detail_found(c, rows, d, &transcript_work);
}

void
recording_transcript(struct ctx *c)
{
	if (uuid_valid(c->id))
		query_detail(c, transcript_found, NULL);
	else
		reply_result(c, NOT_FOUND);
}

static void
archive_found(struct ctx *c, struct db_rows *rows, void *arg)
{
	struct download	*d;

	if ((d = download_new(c)) == NULL)
		return;
	d->with_sound = true;
	d->mp3 = *(struct mp3_file *)arg;
	detail_found(c, rows, d, &plan_work);
}

/* The audio exists: queries the call for its transcript. */
static void
archive_sound_opened(struct ctx *c, struct sound *s, void *arg)
{
	struct mp3_file	*mp3 = arena_alloc(&c->arena, sizeof(*mp3));

	(void)arg;
	if (sound_mp3(c, s, mp3))
		query_detail(c, archive_found, mp3);
}

void
recording_archive(struct ctx *c)
{
	sound_open(c, NULL, archive_sound_opened, NULL);
}

/* --- on a thread --------------------------------------------------------- */

static void
make_pdf(struct download *d, json_t *model)
{
	struct page		 p = { &d->view, &d->arena, true };
	struct transcript	 t;

	d->pdf_name = present_filename(&p, model, ".pdf");
	d->sound_name = present_filename(&p, model, ".mp3");
	d->archive_name = present_filename(&p, model, ".zip");
	d->when = present_when(&p, model);
	present_document(&p, model, &t);
	d->result = transcript_pdf_cached(sound_cache(), get(model, "id"),
	    &t, server_settings()->font_dir, &d->pdf, &d->pdf_bytes);
	if (d->result != OK)
		d->why = "no PDF can be made, see font_dir";
}

static void
hash_into(crypto_generichash_state *state, const void *bytes, size_t n)
{
	(void)crypto_generichash_update(state, bytes, n);
}

/* Makes a strong ETag: a hash of the PDF or, for an archive, of its parts. */
static void
make_etag(struct download *d)
{
	crypto_generichash_state	 state;
	uint8_t				 hash[HASH_BYTES];
	char				 hex[2 * HASH_BYTES + 1];

	(void)crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	hash_into(&state, d->pdf, d->pdf_bytes);
	if (d->with_sound) {
		hash_into(&state, d->mp3.etag, sizeof(d->mp3.etag));
		hash_into(&state, d->archive_name, strlen(d->archive_name));
	}
	(void)crypto_generichash_final(&state, hash, sizeof(hash));
	hex_encode(hash, sizeof(hash), hex);
	(void)snprintf(d->etag, sizeof(d->etag), "\"%s\"", hex);
}

static void
pdf_run(void *arg)
{
	struct download	*d = arg;
	json_t		*model;

	model = model_of(d->rows);
	d->pending = get(model, "subject") == NULL;
	(void)clock_parse_utc(get(model, "expires_at"), &d->until_ms);
	if (!d->pending)
		make_pdf(d, model);
	if (d->pdf != NULL)
		make_etag(d);
	json_decref(model);
}

static ssize_t
read_pdf(void *arg, void *buf, size_t n)
{
	struct download	*d = arg;

	if (n > d->pdf_bytes - d->pdf_at)
		n = d->pdf_bytes - d->pdf_at;
	memcpy(buf, d->pdf + d->pdf_at, n);
	d->pdf_at += n;
	return ((ssize_t)n);
}

static bool
open_sound(void *arg)
{
	struct download	*d = arg;

	d->reader = mp3_reader_new(&d->mp3, sound_store(), sound_cache(),
	    (unsigned)server_settings()->worker_threads);
	return (d->reader != NULL);
}

static ssize_t
read_sound(void *arg, void *buf, size_t n)
{
	struct download	*d = arg;

	return (mp3_reader_read(d->reader, buf, n));
}

static void
close_sound(void *arg)
{
	struct download	*d = arg;

	mp3_reader_free(d->reader);
	d->reader = NULL;
}

static void
plan_entries(struct download *d)
{
	struct archive_entry	*e = d->entries;

	e[0].name = d->sound_name;
	e[0].size = d->mp3.mp3.length;
	e[0].open = open_sound;
	e[0].read = read_sound;
	e[0].close = close_sound;
	e[1].name = d->pdf_name;
	e[1].size = (int64_t)d->pdf_bytes;
	e[1].read = read_pdf;
	e[0].when = e[1].when = d->when;
	e[0].arg = e[1].arg = d;
}

static bool
archive_go_on(void *arg, double done)
{
	struct download	*d = arg;

	(void)done;
	return (!atomic_load(&d->gone));
}

static void
archive_run(void *arg)
{
	struct download	*d = arg;

	d->result = archive_write(d->fd, d->entries, 2, archive_go_on, d);
}

/* --- on the event loop --------------------------------------------------- */

static ssize_t
download_send_next(void *arg, void *buf, size_t cap)
{
	struct sending	*s = arg;
	ssize_t		 n;

	n = s->end - s->at < (int64_t)cap ? (ssize_t)(s->end - s->at) :
	    (ssize_t)cap;
	if (s->bytes != NULL)
		memcpy(buf, s->bytes + s->at, (size_t)n);
	else
		/* just written, so the page cache has it: no long wait */
		n = pread(s->fd, buf, (size_t)n, s->at);
	if (n < 0)
		return (STREAM_FAIL);
	s->at += n;
	return (n);
}

static void
download_send_done(void *arg, bool aborted)
{
	struct sending	*s = arg;

	(void)aborted;
	archive_close(s->fd, s->share);
	free(s->bytes);
	free(s);
}

/* Sends the part; takes the PDF or the archive's file over from d. */
static void
send_made(struct ctx *c, struct download *d, const struct file *f)
{
	struct stream_source	 source = { .next = download_send_next,
				    .done = download_send_done };
	struct sending		*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		log_fatal("event=out_of_memory");
	s->at = d->part.first;
	s->end = d->part.last + 1;
	s->fd = d->fd;
	s->share = d->share;
	d->fd = -1;
	d->share = NULL;
	if (!d->with_sound) {
		s->bytes = d->pdf;
		d->pdf = NULL;
	}
	source.arg = s;
	file_send(c, f, &d->part, &source);
}

/* Returns true after a reply that the file can't be made. */
static bool
download_failed(struct ctx *c, const struct download *d)
{
	if (d->pending)
		reply_problem(c, 404, "transcript-pending",
		    "La transcription n’est pas encore prête. Réessayez dans "
		    "quelques instants.");
	else if (d->result == FAILED) {
		log_error("event=download_failed recording=%s why=\"%s\"",
		    c->id, d->why == NULL ? "" : d->why);
		reply_result(c, FAILED);
	} else if (d->result != OK)
		sound_failed(c, d->result, d->why);
	return (d->pending || d->result != OK);
}

static struct file
download_file(struct ctx *c, const struct download *d)
{
	struct file	 f = file_of_recording(d->until_ms);

	f.etag = d->etag;
	f.type = d->with_sound ? "application/zip" : "application/pdf";
	f.length = d->with_sound ? archive_length(d->entries, 2) :
	    (int64_t)d->pdf_bytes;
	f.disposition = filename_disposition(&c->arena, "attachment",
	    d->with_sound ? d->archive_name : d->pdf_name);
	return (f);
}

static void
transcript_made(struct ctx *c, void *arg)
{
	struct download	*d = arg;
	struct file	 f;

	if (download_failed(c, d))
		return;
	f = download_file(c, d);
	if (file_begin(c, &f, &d->part))
		send_made(c, d, &f);
}

/* Opens the archive's file and has a thread write it. */
static void
make_archive(struct ctx *c, struct download *d)
{
	if ((d->result = archive_open(c, d)) != OK) {
		if (d->result == UNAVAILABLE)
			log_error("event=archive_failed recording=%s result=%d",
			    c->id, d->result);
		reply_result(c, d->result);
		return;
	}
	d->owners++;
	ctx_work_heavy(c, &archive_work, d);
}

/*
 * Replies to HEAD and to conditional requests, for which the planned length and
 * ETag suffice; else has the archive made.
 */
static void
archive_planned(struct ctx *c, void *arg)
{
	struct download	*d = arg;
	struct file	 f;

	if (download_failed(c, d))
		return;
	plan_entries(d);
	f = download_file(c, d);
	if (!file_begin(c, &f, &d->part))
		return;
	if (c->head)
		send_made(c, d, &f);
	else
		make_archive(c, d);
}

/* Cancels the archive: other requests wait for its thread. */
static void
archive_gone(void *arg)
{
	struct download	*d = arg;

	atomic_store(&d->gone, true);
}

static void
archive_made(struct ctx *c, void *arg)
{
	struct download	*d = arg;
	struct file	 f = download_file(c, d);

	if (d->result == DAMAGED || d->result == FAILED)
		d->why = "the audio broke while the archive was made";
	if (d->result != OK)
		log_error("event=archive_failed recording=%s result=%d", c->id,
		    d->result);
	if (d->result == UNAVAILABLE)
		reply_result(c, UNAVAILABLE);
	else if (!download_failed(c, d))
		send_made(c, d, &f);
}
