/*
 * GET /exports/{id}/archive.zip: may it be had, is it there, which bytes of
 * it. The object is opened before the answer begins, so that a lost one is an
 * error that people can read; sending it is object.c's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "exports/exports.h"
#include "exports/object.h"
#include "server/file.h"
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

/* The key is new for each archive ever made: so is the tag. */
static const char *
etag_of(struct ctx *c, const struct download *d)
{
	const char	*name = strrchr(d->key, '/');

	return (arena_printf(&c->arena, "\"%s\"",
	    name == NULL ? d->key : name + 1));
}

static struct file
file_of(struct ctx *c, const struct download *d)
{
	struct file	 f = { .kind = "export",
			    .type = "application/zip",
			    .length = d->bytes, .until_ms = INT64_MAX };

	f.no_such_part = "Cette partie de l’archive n’existe pas.";
	f.etag = etag_of(c, d);
	f.disposition = arena_printf(&c->arena, "attachment; filename=\"%s\"",
	    d->name);
	return (f);
}

static void
opened(struct ctx *c, void *arg)
{
	struct download		*d = arg;
	struct file		 f = file_of(c, d);
	struct part		 part;
	struct stream_source	 source;

	if (d->result != OK) {
		log_error("event=archive_lost export=%s result=%d", c->id,
		    d->result);
		reply_result(c, d->result == UNAVAILABLE ? UNAVAILABLE :
		    DAMAGED);
		return;
	}
	if (!file_begin(c, &f, &part))
		return;
	/* the object goes over to the stream */
	source = object_source(&d->object, part.first, part.last);
	d->result = FAILED;
	file_send(c, &f, &part, &source);
}
