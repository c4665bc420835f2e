/*
 * GET /recordings/{id}/audio.mp3: which recording, is its sound there, which
 * bytes are wanted. The source is opened before the answer begins, so that a
 * lost or damaged one is an error that people can read; the bytes themselves
 * are playback.c's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/etag.h"
#include "base/log.h"
#include "base/range.h"
#include "base/text.h"
#include "recordings/playback.h"
#include "recordings/recordings.h"
#include "server/server.h"

#define HASH_BYTES	16
#define ETAG_TEXT	(2 + 2 * HASH_BYTES + 1)
#define SWEEP_MS	60000

/* Columns of play.sql. */
enum { AUDIO_KEY, FORMAT, RATE, CHANNELS, SAMPLES, ETAG_SEED };

/* What the database knows, and the source while the pool opens it; malloc'd,
 * since it may outlive the request. */
struct play {
	char			 key[STORE_KEY_MAX + 1];
	char			 format[8];	/* of source_format_name() */
	char			 etag[ETAG_TEXT];
	struct mp3		 mp3;
	struct source		 source;
	enum result		 result;	/* OK: source is open */
	const char		*why;
};

static struct store	*audio_store;
static struct cache	*chunk_cache;
static bool		 sweeping;	/* a sweep is in the pool's hands */

static void	found(struct ctx *, enum result, struct db_rows *);
static void	open_run(void *);
static void	opened(struct ctx *, void *);
static void	play_free(void *);
static void	sweep_tick(void *);

static const struct work	 open_work = { open_run, opened, play_free };

void
play_start(void)
{
	const struct settings	*s = server_settings();
	char			*why;

	if ((audio_store = store_new(s->store, &why)) == NULL)
		log_fatal("event=bad_store reason=\"%s\"", why);
	chunk_cache = cache_open(s->cache_dir, s->cache_mb);
	if (chunk_cache == NULL)
		log_warn("event=no_cache dir=%s reason=\"%s\"", s->cache_dir,
		    strerror(errno));
	playback_start(chunk_cache);
	if (chunk_cache != NULL)
		server_loop()->every(SWEEP_MS, sweep_tick, NULL);
}

void
recording_audio(struct ctx *c)
{
	const char	*params[1] = { c->id };

	if (!uuid_valid(c->id)) {
		reply_result(c, NOT_FOUND);
		return;
	}
	ask(c, SQL_RECORDINGS_PLAY, params, 1, found);
}

static void
reply_damaged(struct ctx *c, const char *why)
{
	log_error("event=audio_damaged recording=%s reason=\"%s\"", c->id,
	    why);
	reply_problem(c, 502, "audio-damaged", "L’enregistrement audio est "
	    "perdu ou endommagé. Votre administrateur peut en retrouver la "
	    "cause grâce au numéro de la demande.");
}

/* Strong: the same tag means the same bytes, whoever encoded them. */
static void
make_etag(struct play *p, const char *seed)
{
	crypto_generichash_state	 state;
	uint8_t				 hash[HASH_BYTES];
	char				 hex[2 * HASH_BYTES + 1];
	const char			*fingerprint = mp3_fingerprint();

	(void)crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	(void)crypto_generichash_update(&state, (const uint8_t *)seed,
	    strlen(seed) + 1);
	(void)crypto_generichash_update(&state, (const uint8_t *)fingerprint,
	    strlen(fingerprint) + 1);
	(void)crypto_generichash_update(&state,
	    (const uint8_t *)&p->mp3.samples, sizeof(p->mp3.samples));
	(void)crypto_generichash_final(&state, hash, sizeof(hash));
	hex_encode(hash, sizeof(hash), hex);
	(void)snprintf(p->etag, sizeof(p->etag), "\"%s\"", hex);
}

/* NULL: a sound that we can't make an MP3 of. */
static struct play *
play_new(struct db_rows *rows)
{
	struct play	*p;
	int64_t		 channels, rate, samples;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		log_fatal("event=out_of_memory");
	p->result = FAILED;
	if (!text_int64(db_value(rows, 0, RATE), 1, 48000, &rate) ||
	    !text_int64(db_value(rows, 0, CHANNELS), 1, 2, &channels) ||
	    !text_int64(db_value(rows, 0, SAMPLES), 1, INT64_MAX, &samples) ||
	    mp3_plan(&p->mp3, (int)rate, (int)channels, samples) != OK) {
		free(p);
		return (NULL);
	}
	(void)snprintf(p->key, sizeof(p->key), "%s",
	    db_value(rows, 0, AUDIO_KEY));
	(void)snprintf(p->format, sizeof(p->format), "%s",
	    db_value(rows, 0, FORMAT));
	make_etag(p, db_value(rows, 0, ETAG_SEED));
	return (p);
}

static void
found(struct ctx *c, enum result result, struct db_rows *rows)
{
	struct play	*p;

	(void)result;
	if (db_count(rows) == 0)
		reply_result(c, NOT_FOUND);
	else if (db_value(rows, 0, AUDIO_KEY) == NULL)
		reply_problem(c, 404, "audio-pending", "L’enregistrement "
		    "n’est pas encore disponible. Réessayez dans quelques "
		    "instants.");
	else if ((p = play_new(rows)) == NULL)
		reply_damaged(c, "no MP3 can be made of its kind of sound");
	else
		ctx_work(c, &open_work, p);
}

/* The object is what was ingested. */
static bool
same_sound(const struct play *p)
{
	const struct source_info	*info = &p->source.info;

	return (info->samples == p->mp3.samples && info->rate == p->mp3.rate &&
	    info->channels == p->mp3.channels &&
	    strcmp(source_format_name(info->format), p->format) == 0);
}

/* On a pool thread. */
static void
open_run(void *arg)
{
	struct play	*p = arg;

	p->result = source_open(&p->source, audio_store, p->key, &p->why);
	if (p->result == OK && !same_sound(p)) {
		source_close(&p->source);
		p->result = DAMAGED;
		p->why = "not the sound that was ingested";
	}
}

static void
play_free(void *arg)
{
	struct play	*p = arg;

	if (p->result == OK)
		source_close(&p->source);
	free(p);
}

/* The bytes asked for; a Range counts only for GET, and only when the client
 * speaks of these very bytes (RFC 9110 sections 13.1.5 and 14.2). */
static void
wanted(struct ctx *c, const struct play *p, struct range *r)
{
	const char	*if_range, *range;

	range = ctx_header(c, "range");
	if_range = ctx_header(c, "if-range");
	if (c->head || (if_range != NULL && strcmp(if_range, p->etag) != 0))
		range = NULL;
	range_parse(r, range, p->mp3.length);
}

/* The source goes over to the playback. */
static void
send_sound(struct ctx *c, struct play *p, const struct range *r)
{
	struct stream_source	 s;
	const char		*key;
	int64_t			 first, last;
	int			 status;

	status = r->kind == RANGE_PART ? 206 : 200;
	first = status == 206 ? r->first : 0;
	last = status == 206 ? r->last : p->mp3.length - 1;
	if (status == 206)
		reply_header(c, "content-range", arena_printf(&c->arena,
		    "bytes %lld-%lld/%lld", (long long)first, (long long)last,
		    (long long)p->mp3.length));
	reply_header(c, "content-type", "audio/mpeg");
	reply_header(c, "content-disposition", "inline");
	key = arena_printf(&c->arena, "%s %s", p->key, p->etag);
	s = playback_new(&p->source, &p->mp3, c->id, key, first, last);
	p->result = FAILED;
	reply_stream(c, status, last - first + 1, &s);
}

static void
opened(struct ctx *c, void *arg)
{
	struct play	*p = arg;
	struct range	 r;

	if (p->result == UNAVAILABLE) {
		log_error("event=store_away recording=%s", c->id);
		reply_result(c, UNAVAILABLE);
		return;
	}
	if (p->result != OK) {
		reply_damaged(c, p->why);
		return;
	}
	reply_header(c, "etag", p->etag);
	reply_header(c, "accept-ranges", "bytes");
	wanted(c, p, &r);
	if (etag_listed(ctx_header(c, "if-none-match"), p->etag))
		reply_bytes(c, 304, "audio/mpeg", "", 0);
	else if (r.kind == RANGE_UNSATISFIABLE) {
		reply_header(c, "content-range", arena_printf(&c->arena,
		    "bytes */%lld", (long long)p->mp3.length));
		reply_problem(c, 416, "range-not-satisfiable",
		    "Cette partie de l’enregistrement n’existe pas.");
	} else
		send_sound(c, p, &r);
}

static void
sweep_run(struct job *j)
{
	(void)j;
	(void)cache_sweep(chunk_cache);
}

static void
sweep_done(struct job *j)
{
	(void)j;
	sweeping = false;
}

/* Only one sweep of this worker at a time; a full pool: the next minute. */
static void
sweep_tick(void *arg)
{
	static struct job	 job = { sweep_run, sweep_done, NULL };

	(void)arg;
	if (!sweeping)
		sweeping = pool_submit(server_pool(), &job) == OK;
}
