/*
 * GET /recordings/{id}/transcript.pdf and archive.zip. Both are made anew for
 * each request, on threads, and are the same bytes each time; the archive
 * waits for its sound to be encoded, so it has threads of its own: listeners
 * go first. It goes through a file of no name in the cache's folder.
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
#include "media/transcript_pdf.h"
#include "recordings/download.h"
#include "recordings/file.h"
#include "recordings/present.h"
#include "recordings/recordings.h"
#include "recordings/sound.h"
#include "server/server.h"

#define HASH_BYTES	16
#define ETAG_TEXT	(2 + 2 * HASH_BYTES + 1)
#define ARCHIVES_QUEUED	8	/* waiting for their turn, a worker */
#define ARCHIVES_OPEN	16	/* files of archives, a worker */

/* A download in the making; malloc'd, since it may outlive the request. The
 * work in hand owns it, and the work that the archive goes on to. */
struct download {
	unsigned	 owners;
	struct db_rows	*rows;		/* of detail.sql */
	struct view	 view;		/* what it points to is the request's */
	struct arena	 arena;
	bool		 with_sound;	/* an archive */
	struct mp3_file	 mp3;
	/* made on a thread */
	enum result	 result;
	const char	*why;
	bool		 pending;	/* no transcript yet */
	uint8_t		*pdf;		/* malloc'd, or given away: NULL */
	size_t		 pdf_bytes;
	char		*pdf_name, *sound_name, *archive_name;
	struct civil	 when;
	int64_t		 until_ms;	/* of the recording */
	char		 etag[ETAG_TEXT];
	struct archive_entry entries[2];
	struct part	 part;
	struct mp3_reader *reader;
	size_t		 pdf_at;
	int		 fd;		/* the archive; given away: -1 */
	atomic_bool	 gone;		/* nobody waits for it any more */
};

/* Bytes at hand, or a file, on their way out. */
struct sending {
	uint8_t		*bytes;		/* malloc'd; NULL: fd */
	int		 fd;
	int64_t		 at, end;
};

static struct pool	*archives;
static unsigned		 archives_open;

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
download_start(void)
{
	archives = pool_new(server_loop(), 1, ARCHIVES_QUEUED);
	if (archives == NULL)
		log_fatal("event=no_thread");
}

static void
download_release(void *arg)
{
	struct download	*d = arg;

	if (--d->owners > 0)
		return;
	if (d->fd != -1) {
		(void)close(d->fd);
		archives_open--;
	}
	db_rows_free(d->rows);
	arena_dispose(&d->arena);
	free(d->pdf);
	free(d);
}

/* NULL: replied. */
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

/* The call as its page shows it; then on to a thread. */
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
	ctx_work(c, work, d);
}

/* HEAD takes nothing away: the access log needn't know. */
static void
ask_detail(struct ctx *c, ask_answer answer)
{
	const char	*params[2] = { c->id, c->head ? NULL : "download" };

	ask(c, SQL_RECORDINGS_DETAIL, params, 2, answer);
}

static void
transcript_found(struct ctx *c, enum result result, struct db_rows *rows)
{
	struct download	*d;

	(void)result;
	if ((d = download_new(c)) != NULL)
		detail_found(c, rows, d, &transcript_work);
}

void
recording_transcript(struct ctx *c)
{
	if (uuid_valid(c->id))
		ask_detail(c, transcript_found);
	else
		reply_result(c, NOT_FOUND);
}

static void
archive_found(struct ctx *c, enum result result, struct db_rows *rows)
{
	struct download	*d;

	(void)result;
	if ((d = download_new(c)) == NULL)
		return;
	d->with_sound = true;
	d->mp3 = *(struct mp3_file *)c->feature;
	detail_found(c, rows, d, &plan_work);
}

/* The sound was there a moment ago: now the words. */
static void
archive_sound_opened(struct ctx *c, struct sound *s, void *arg)
{
	(void)arg;
	c->feature = arena_alloc(&c->arena, sizeof(struct mp3_file));
	if (sound_mp3(c, s, c->feature))
		ask_detail(c, archive_found);
}

void
recording_archive(struct ctx *c)
{
	sound_open(c, NULL, archive_sound_opened, NULL);
}

/* --- on a thread --------------------------------------------------------- */

static void
make_pdf(struct download *d, const json_t *model)
{
	struct page		 p = { &d->view, &d->arena, true };
	struct transcript	 t;

	d->pdf_name = present_filename(&p, model, ".pdf");
	d->sound_name = present_filename(&p, model, ".mp3");
	d->archive_name = present_filename(&p, model, ".zip");
	d->when = present_when(&p, model);
	present_document(&p, model, &t);
	d->result = transcript_pdf(&t, server_settings()->font_dir, &d->pdf,
	    &d->pdf_bytes);
	if (d->result != OK)
		d->why = "no PDF can be made, see font_dir";
}

static void
hash_into(crypto_generichash_state *state, const void *bytes, size_t n)
{
	(void)crypto_generichash_update(state, bytes, n);
}

/* Strong: of the bytes, or of all that they are made of. */
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

	d->result = d->fd == -1 ? UNAVAILABLE :
	    archive_write(d->fd, d->entries, 2, archive_go_on, d);
}

/* --- on the loop --------------------------------------------------------- */

static ssize_t
sending_next(void *arg, void *buf, size_t cap)
{
	struct sending	*s = arg;
	ssize_t		 n;

	n = s->end - s->at < (int64_t)cap ? (ssize_t)(s->end - s->at) :
	    (ssize_t)cap;
	if (s->bytes != NULL)
		memcpy(buf, s->bytes + s->at, (size_t)n);
	else
		/* written a moment ago: in memory still, or nearly */
		n = pread(s->fd, buf, (size_t)n, s->at);
	if (n < 0)
		return (STREAM_FAIL);
	s->at += n;
	return (n);
}

static void
sending_done(void *arg, bool aborted)
{
	struct sending	*s = arg;

	(void)aborted;
	if (s->fd != -1) {
		(void)close(s->fd);
		archives_open--;
	}
	free(s->bytes);
	free(s);
}

/* Takes over what has been made of the download. */
static void
send_made(struct ctx *c, struct download *d, const struct file *f)
{
	struct stream_source	 source = { .next = sending_next,
				    .done = sending_done };
	struct sending		*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		log_fatal("event=out_of_memory");
	s->at = d->part.first;
	s->end = d->part.last + 1;
	s->fd = d->fd;
	d->fd = -1;
	if (!d->with_sound) {
		s->bytes = d->pdf;
		d->pdf = NULL;
	}
	source.arg = s;
	file_send(c, f, &d->part, &source);
}

/* true: replied, since it can't be made. */
static bool
failed(struct ctx *c, const struct download *d)
{
	if (d->pending)
		reply_problem(c, 404, "transcript-pending",
		    "La transcription n’est pas encore prête. Réessayez dans "
		    "quelques instants.");
	else if (d->result == FAILED) {
		log_error("event=download_failed recording=%s reason=\"%s\"",
		    c->id, d->why == NULL ? "" : d->why);
		reply_result(c, FAILED);
	} else if (d->result != OK)
		sound_failed(c, d->result, d->why);
	return (d->pending || d->result != OK);
}

static struct file
file_of(struct ctx *c, const struct download *d)
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

	if (failed(c, d))
		return;
	f = file_of(c, d);
	if (file_begin(c, &f, &d->part))
		send_made(c, d, &f);
}

/* On to a thread of the archives', with a file to write to. */
static void
make_archive(struct ctx *c, struct download *d)
{
	if (archives_open == ARCHIVES_OPEN) {
		reply_result(c, BUSY);
		return;
	}
	d->fd = temporary_open(server_settings()->cache_dir);
	if (d->fd != -1)
		archives_open++;
	d->owners++;
	ctx_work_in(c, archives, &archive_work, d);
}

/* Its length is known before it is made: HEAD and conditions cost nothing. */
static void
archive_planned(struct ctx *c, void *arg)
{
	struct download	*d = arg;
	struct file	 f;

	if (failed(c, d))
		return;
	plan_entries(d);
	f = file_of(c, d);
	if (!file_begin(c, &f, &d->part))
		return;
	if (c->head)
		send_made(c, d, &f);
	else
		make_archive(c, d);
}

/* Others wait for the thread that makes it. */
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
	struct file	 f = file_of(c, d);

	if (d->result == DAMAGED || d->result == FAILED)
		d->why = "it broke while the archive was made";
	if (d->result != OK)
		log_error("event=archive_failed recording=%s result=%d", c->id,
		    d->result);
	if (d->result == UNAVAILABLE)
		reply_result(c, UNAVAILABLE);
	else if (!failed(c, d))
		send_made(c, d, &f);
}
