/*
 * GET /exports/{id}/archive.zip: may it be had, is it there, which bytes of
 * it. The object is opened before the answer begins, so that a lost one is an
 * error that people can read; sending it is object.c's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/etag.h"
#include "base/log.h"
#include "base/range.h"
#include "base/text.h"
#include "exports/exports.h"
#include "exports/object.h"
#include "server/reply.h"
#include "server/server.h"

/* Columns of archive.sql. */
enum { STATE, REASON, KEY, BYTES, READY_AT };

/* The object while the pool opens it; malloc'd, since it may outlive the
 * request. */
struct download {
	char			 key[STORE_KEY_MAX + 1];
	const char		*name;		/* in the request's arena */
	int64_t			 bytes;
	struct store_object	 object;
	enum result		 result;	/* OK: object is open */
};

static struct store	*archive_store;

static void	found(struct ctx *, enum result, struct db_rows *);
static void	open_run(void *);
static void	opened(struct ctx *, void *);
static void	download_free(void *);

static const struct work	 open_work = {
	.run = open_run, .answer = opened, .release = download_free
};

void
exports_start(void)
{
	char	*why;

	archive_store = store_new(server_settings()->store, &why);
	if (archive_store == NULL)
		log_fatal("event=bad_store reason=\"%s\"", why);
	exports_events_start();
}

void
export_archive(struct ctx *c)
{
	const char	*params[1] = { c->id };

	if (!uuid_valid(c->id))
		reply_result(c, NOT_FOUND);
	else
		ask(c, SQL_EXPORTS_ARCHIVE, params, 1, found);
}

/* "enregistrements 2026-11-24 17h05.zip", on the reader's customer's clock. */
static const char *
file_name(struct ctx *c, struct db_rows *rows)
{
	struct civil	 when;
	int64_t		 ms = 0;

	(void)text_int64(db_value(rows, 0, READY_AT), 0, INT64_MAX, &ms);
	when = zone_civil(zone_get(c->person->time_zone), ms);
	return (arena_printf(&c->arena, "%s %04d-%02d-%02d %02dh%02d.zip",
	    tr(c->lang, "enregistrements"), when.year, when.month, when.day,
	    when.hour, when.minute));
}

static void
reply_not_ready(struct ctx *c, const char *state, const char *reason)
{
	if (strcmp(state, "queued") == 0 || strcmp(state, "running") == 0) {
		reply_header(c, "retry-after", "5");
		reply_problem(c, 409, "archive-not-ready",
		    "L’archive est encore en préparation.");
	} else if (reason != NULL && strcmp(reason, "disk") == 0)
		reply_problem(c, 507, "insufficient-storage",
		    "L’espace de stockage du service ne suffit pas pour cette "
		    "archive. Réduisez la sélection ou réessayez plus tard.");
	else
		reply_result(c, NOT_FOUND);
}

static void
found(struct ctx *c, enum result result, struct db_rows *rows)
{
	struct download	*d;

	(void)result;
	if (db_count(rows) == 0)
		reply_result(c, NOT_FOUND);
	else if (db_value(rows, 0, KEY) == NULL)
		reply_not_ready(c, db_value(rows, 0, STATE),
		    db_value(rows, 0, REASON));
	else {
		if ((d = calloc(1, sizeof(*d))) == NULL)
			log_fatal("event=out_of_memory");
		(void)snprintf(d->key, sizeof(d->key), "%s",
		    db_value(rows, 0, KEY));
		(void)text_int64(db_value(rows, 0, BYTES), 0, INT64_MAX,
		    &d->bytes);
		d->name = file_name(c, rows);
		d->result = FAILED;
		ctx_work(c, &open_work, d);
	}
}

/* On a pool thread. */
static void
open_run(void *arg)
{
	struct download	*d = arg;

	d->result = archive_store->open(archive_store, d->key, &d->object);
	if (d->result == OK && d->object.size != d->bytes) {
		archive_store->close(&d->object);
		d->result = DAMAGED;
	}
}

static void
download_free(void *arg)
{
	struct download	*d = arg;

	if (d->result == OK)
		archive_store->close(&d->object);
	free(d);
}

/* The bytes asked for; a Range counts only for GET, and only when the client
 * speaks of these very bytes (RFC 9110 sections 13.1.5 and 14.2). */
static void
wanted(struct ctx *c, const struct download *d, const char *etag,
    struct range *r)
{
	const char	*if_range, *range;

	range = ctx_header(c, "range");
	if_range = ctx_header(c, "if-range");
	if (c->head || (if_range != NULL && strcmp(if_range, etag) != 0))
		range = NULL;
	range_parse(r, range, d->bytes);
}

/* The object goes over to the stream. */
static void
send_archive(struct ctx *c, struct download *d, const struct range *r)
{
	struct stream_source	 s;
	bool			 part = r->kind == RANGE_PART;
	int64_t			 first = part ? r->first : 0;
	int64_t			 last = part ? r->last : d->bytes - 1;

	if (part)
		reply_header(c, "content-range", arena_printf(&c->arena,
		    "bytes %lld-%lld/%lld", (long long)first, (long long)last,
		    (long long)d->bytes));
	reply_header(c, "content-type", "application/zip");
	reply_header(c, "content-disposition", arena_printf(&c->arena,
	    "attachment; filename=\"%s\"", d->name));
	s = object_source(&d->object, first, last);
	d->result = FAILED;
	reply_stream(c, part ? 206 : 200, last - first + 1, &s);
}

/* The key is new for each archive ever made: so is the tag. */
static const char *
etag_of(struct ctx *c, const struct download *d)
{
	const char	*name = strrchr(d->key, '/');

	return (arena_printf(&c->arena, "\"%s\"",
	    name == NULL ? d->key : name + 1));
}

static void
opened(struct ctx *c, void *arg)
{
	struct download	*d = arg;
	const char	*etag = etag_of(c, d);
	struct range	 r;

	if (d->result != OK) {
		log_error("event=archive_lost export=%s result=%d", c->id,
		    d->result);
		reply_result(c, d->result == UNAVAILABLE ? UNAVAILABLE :
		    DAMAGED);
		return;
	}
	reply_header(c, "etag", etag);
	reply_header(c, "accept-ranges", "bytes");
	wanted(c, d, etag, &r);
	if (etag_listed(ctx_header(c, "if-none-match"), etag))
		reply_bytes(c, 304, "application/zip", "", 0);
	else if (r.kind == RANGE_UNSATISFIABLE) {
		reply_header(c, "content-range", arena_printf(&c->arena,
		    "bytes */%lld", (long long)d->bytes));
		reply_problem(c, 416, "range-not-satisfiable",
		    "Cette partie de l’archive n’existe pas.");
	} else
		send_archive(c, d, &r);
}
