/*
 * Produces the bytes of an archive's files, see feed.h. A piece is a whole
 * transcript, or a chunk of MP3; the first chunk has the MP3's header before
 * it. A file ends where its planned length says, which is the end of a piece.
 * The length of a transcript is known once it is made: feed_closed() of the
 * file before it takes that piece and sets it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "exports/ahead.h"
#include "exports/feed.h"
#include "recordings/recordings.h"

/* A transcript to be made. */
struct text {
	const struct plan	*plan;
	const char		*fonts;
	json_t			*call;
};

/* A chunk of MP3 to be made. */
struct chunk {
	const struct workshop	*shop;
	struct mp3_file		 file;
};

struct feed {
	struct plan		*plan;
	struct maker		*maker;
	struct db		*db;
	const struct db_scope	*scope;
	enum result		 result;
	struct ahead		*ahead;
	/* the next piece to be made */
	size_t			 member;	/* index of the next member */
	int64_t			 part;		/* next chunk of the member */
	bool			 with_text;	/* its transcript comes next */
	struct mp3_file		 file;		/* of the member */
	json_t			*call;		/* of the member, or NULL */
	struct db_rows		*rows;		/* a batch of calls */
	int			 row;		/* the next one of rows */
	/* the piece being read */
	size_t			 entry;		/* index of its entry */
	size_t			 read_members;	/* members read */
	size_t			 in_member;	/* files read of the next one */
	const struct piece	*now;
	size_t			 now_at;	/* bytes read of it */
};

static enum result
feed_fail(struct feed *f, enum result r)
{
	if (f->result == OK)
		f->result = r;
	return (r);
}

/* --- pieces, on the pool's threads ---------------------------------------- */

static enum result
make_chunk(struct piece *p)
{
	struct chunk		*c = p->arg;
	const struct mp3	*m = &c->file.mp3;
	struct source		 source;
	size_t			 head = p->part == 0 ?
				    (size_t)m->header_bytes : 0;
	enum result		 r;

	p->n = head + mp3_chunk_bytes(m, p->part);
	if ((p->bytes = malloc(p->n)) == NULL)
		return (FAILED);
	memcpy(p->bytes, c->file.header, head);
	r = mp3_file_open(&c->file, c->shop->store, &source, &p->why);
	if (r != OK)
		return (r);
	r = mp3_file_chunk(&c->file, &source, c->shop->cache, p->part,
	    p->bytes + head);
	source_close(&source);
	return (r);
}

static void
release_chunk(struct piece *p)
{
	free(p->arg);
}

static enum result
make_text(struct piece *p)
{
	struct text	*t = p->arg;

	return (recording_pdf(&t->plan->view, t->call, t->fonts, &p->bytes,
	    &p->n));
}

static void
release_text(struct piece *p)
{
	struct text	*t = p->arg;

	json_decref(t->call);
	free(t);
}

/* --- the next piece to be made -------------------------------------------- */

static bool
read_batch(struct feed *f, const char *below)
{
	const char	*params[4] = { f->maker->id, below, NULL, "false" };
	enum result	 r;

	params[2] = BATCH_TEXT;
	if (f->maker->content & TEXT)
		params[3] = "true";
	r = db_run(f->db, SQL_EXPORTS_RUN_CALLS, f->scope, params, 4,
	    &f->rows);
	f->row = 0;
	if (r == OK && db_count(f->rows) > 0)
		return (true);
	(void)feed_fail(f, r == OK ? CONFLICT : r);
	return (false);
}

/*
 * Returns the row of a member, skipping calls that are left out; -1 after a
 * failure: the database is away, or the call is no longer there.
 */
static int
row_of(struct feed *f, const struct member *m)
{
	const char	*id;
	char		 last[ID_TEXT];

	for (;;) {
		for (; f->row < db_count(f->rows); f->row++) {
			id = db_text(f->rows, f->row, "id");
			if (strcmp(id, m->id) == 0)
				return (f->row++);
		}
		memset(last, 0, sizeof(last));
		if (db_count(f->rows) > 0)
			memcpy(last, db_text(f->rows, f->row - 1, "id"),
			    sizeof(last));
		db_rows_free(f->rows);
		f->rows = NULL;
		if (!read_batch(f, last[0] == '\0' ? NULL : last))
			return (-1);
	}
}

/* Begins the next member; false at the end or when its call was deleted. */
static bool
next_member(struct feed *f)
{
	const struct member	*m;
	int			 row;

	json_decref(f->call);
	f->call = NULL;
	if (f->member == f->plan->count)
		return (false);
	m = &f->plan->members[f->member++];
	if ((row = row_of(f, m)) == -1)
		return (false);
	if (db_text(f->rows, row, "call") == NULL) {
		(void)feed_fail(f, CONFLICT);
		return (false);
	}
	f->call = json_loads(db_text(f->rows, row, "call"), 0, NULL);
	f->part = 0;
	f->file.mp3.chunks = 0;
	if (m->content & SOUND)
		(void)feed_fail(f, plan_mp3(f->rows, row, f->call, &f->file));
	f->with_text = (m->content & TEXT) != 0;
	return (f->result == OK);
}

static void
piece_set_chunk(struct feed *f, struct piece *p)
{
	struct chunk	*c;

	if ((c = malloc(sizeof(*c))) == NULL)
		log_fatal("event=out_of_memory");
	c->shop = f->maker->shop;
	c->file = f->file;
	p->make = make_chunk;
	p->release = release_chunk;
	p->arg = c;
	p->part = f->part++;
}

static void
piece_set_text(struct feed *f, struct piece *p)
{
	struct text	*t;

	if ((t = malloc(sizeof(*t))) == NULL)
		log_fatal("event=out_of_memory");
	t->plan = f->plan;
	t->fonts = f->maker->shop->settings->font_dir;
	t->call = f->call;
	f->call = NULL;
	p->make = make_text;
	p->release = release_text;
	p->arg = t;
	f->with_text = false;
}

static bool
next_piece(void *arg, struct piece *p)
{
	struct feed	*f = arg;

	if (f->part == f->file.mp3.chunks && !f->with_text &&
	    !next_member(f))
		return (false);
	if (f->part < f->file.mp3.chunks)
		piece_set_chunk(f, p);
	else
		piece_set_text(f, p);
	return (true);
}

/* --- reading -------------------------------------------------------------- */

/* Takes the next piece; false when there is none or it could not be made. */
static bool
feed_take(struct feed *f)
{
	f->now_at = 0;
	if ((f->now = ahead_take(f->ahead)) == NULL) {
		(void)feed_fail(
		    f, atomic_load(&f->maker->stop) ? BUSY : CONFLICT);
		return (false);
	}
	if (f->now->result == OK)
		return (true);
	log_error("event=export_piece export=%s result=%d why=\"%s\"",
	    f->maker->id, f->now->result,
	    f->now->why == NULL ? "-" : f->now->why);
	(void)feed_fail(f, f->now->result);
	f->now = NULL;
	return (false);
}

static ssize_t
feed_read(void *arg, void *buf, size_t n)
{
	struct feed	*f = arg;

	if (atomic_load(&f->maker->stop)) {
		(void)feed_fail(f, BUSY);
		return (-1);
	}
	if ((f->now == NULL || f->now_at == f->now->n) && !feed_take(f))
		return (-1);
	if (n > f->now->n - f->now_at)
		n = f->now->n - f->now_at;
	memcpy(buf, f->now->bytes + f->now_at, n);
	f->now_at += n;
	atomic_fetch_add(&f->maker->bytes, (long long)n);
	return ((ssize_t)n);
}

static ssize_t
table_read(void *arg, void *buf, size_t n)
{
	struct feed	*f = arg;

	return ((ssize_t)plan_read_table(f->plan, buf, n));
}

static size_t
files_of(const struct member *m)
{
	return ((size_t)((m->content & SOUND) != 0) +
	    (size_t)((m->content & TEXT) != 0));
}

/*
 * Ends a file: counts its call as done when it was the call's last. If the next
 * file is a transcript, waits for it and sets its length.
 */
static void
feed_closed(void *arg)
{
	struct feed		*f = arg;
	struct archive_entry	*next;
	const struct member	*m;

	if (f->entry > 0) {
		m = &f->plan->members[f->read_members];
		if (++f->in_member == files_of(m)) {
			f->in_member = 0;
			f->read_members++;
			atomic_fetch_add(&f->maker->done, 1);
		}
	}
	if (++f->entry == f->plan->entry_count || f->result != OK)
		return;
	m = &f->plan->members[f->read_members];
	if (!(m->content & TEXT) || f->in_member + 1 < files_of(m))
		return;
	next = &f->plan->entries[f->entry];
	if (feed_take(f))
		next->size = (int64_t)f->now->n;
}

static bool
feed_opened(void *arg)
{
	struct feed	*f = arg;

	return (f->result == OK);
}

struct feed *
feed_new(struct plan *p, struct maker *m, struct db *db,
    const struct db_scope *scope)
{
	struct fair_key	 key;
	struct feed	*f;
	size_t		 i;

	if ((f = calloc(1, sizeof(*f))) == NULL)
		log_fatal("event=out_of_memory");
	f->plan = p;
	f->maker = m;
	f->db = db;
	f->scope = scope;
	key = fair_customer(m->tenant, NULL);
	f->ahead = ahead_new(m->shop->pool, m->shop->room, &key, next_piece, f,
	    &m->stop);
	for (i = 0; i < p->entry_count; i++) {
		p->entries[i].close = feed_closed;
		p->entries[i].open = feed_opened;
		p->entries[i].read = i == 0 ? table_read : feed_read;
		p->entries[i].arg = f;
	}
	return (f);
}

enum result
feed_result(const struct feed *f)
{
	return (f->result);
}

void
feed_free(struct feed *f)
{
	ahead_free(f->ahead);
	json_decref(f->call);
	db_rows_free(f->rows);
	free(f);
}
