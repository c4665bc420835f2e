/*
 * GET /exports/{id}/archive.zip: checks the rights, opens the object and sends
 * the requested bytes (object.c). The object is opened before the response
 * begins, so that a lost one becomes an error that people can read.
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

/* An archive being opened; malloc'd, since it may outlive the request. */
struct download {
	char			 key[STORE_KEY_MAX + 1];
	const char		*name;		/* in the request's arena */
	int64_t			 bytes;
	struct store_object	 object;
	enum result		 result;	/* OK: object is open */
};

static struct store	*archive_store;

static void	export_archive_found(struct ctx *, struct db_rows *, void *);
static void	archive_open_run(void *);
static void	archive_opened(struct ctx *, void *);
static void	download_free(void *);

static const struct work	 open_work = {
	.run = archive_open_run, .answer = archive_opened,
	.release = download_free
};

void
exports_start(void)
{
	char	*why;

	archive_store = store_new(server_settings()->store, &why);
	if (archive_store == NULL)
		log_fatal("event=bad_store why=\"%s\"", why);
	exports_events_start();
}

void
export_archive(struct ctx *c)
{
	const char	*params[1] = { c->id };

	if (!uuid_valid(c->id))
		reply_result(c, NOT_FOUND);
	else
		ask(c, SQL_EXPORTS_ARCHIVE, params, 1, export_archive_found,
		    NULL);
}

/* Returns "enregistrements 2026-11-24 17h05.zip", in the tenant's time zone. */
static const char *
archive_name(struct ctx *c, struct db_rows *rows)
{
	struct civil	 when;
	int64_t		 ms = 0;

	(void)text_int64(db_text(rows, 0, "ready_at"), 0, INT64_MAX, &ms);
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
export_archive_found(struct ctx *c, struct db_rows *rows, void *arg)
{
	struct download	*d;

	(void)arg;
	if (db_count(rows) == 0)
		reply_result(c, NOT_FOUND);
	else if (db_text(rows, 0, "key") == NULL)
		reply_not_ready(c, db_text(rows, 0, "state"),
		    db_text(rows, 0, "reason"));
	else {
		if ((d = calloc(1, sizeof(*d))) == NULL)
			log_fatal("event=out_of_memory");
		(void)snprintf(d->key, sizeof(d->key), "%s",
		    db_text(rows, 0, "key"));
		(void)text_int64(db_text(rows, 0, "bytes"), 0, INT64_MAX,
		    &d->bytes);
		d->name = archive_name(c, rows);
		d->result = FAILED;
		ctx_work(c, &open_work, d);
	}
}

/* On a pool thread. */
static void
archive_open_run(void *arg)
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

/* Returns the ETag: the object's name, which is unique to each archive made. */
static const char *
archive_etag(struct ctx *c, const struct download *d)
{
	const char	*name = strrchr(d->key, '/');

	return (arena_printf(&c->arena, "\"%s\"",
	    name == NULL ? d->key : name + 1));
}

static struct file
archive_file(struct ctx *c, const struct download *d)
{
	struct file	 f = { .watched = SQL_EXPORTS_WATCHED,
			    .type = "application/zip",
			    .length = d->bytes, .until_ms = INT64_MAX };

	f.no_such_part = "Cette partie de l’archive n’existe pas.";
	f.etag = archive_etag(c, d);
	f.disposition = arena_printf(&c->arena, "attachment; filename=\"%s\"",
	    d->name);
	return (f);
}

static void
archive_opened(struct ctx *c, void *arg)
{
	struct download		*d = arg;
	struct file		 f = archive_file(c, d);
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
	/* the stream takes the object over */
	source = object_source(&d->object, &c->scope.key, part.first,
	    part.last);
	d->result = FAILED;
	file_send(c, &f, &part, &source);
}
