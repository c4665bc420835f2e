/* The audio of a recording, see sound.h; the worker's store and cache. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/log.h"
#include "base/text.h"
#include "recordings/present.h"
#include "recordings/recordings.h"
#include "recordings/sound.h"
#include "server/reply.h"
#include "server/server.h"

#define HASH_BYTES	16
#define SWEEP_MS	60000

/* Audio being opened; malloc'd, since it may outlive the request. */
struct opening {
	struct sound	 sound;
	sound_opened	 opened;
	void		*arg;
};

static struct store	*audio_store;
static struct cache	*cache;
static bool		 sweeping;	/* a sweep is in the pool */

static void	sound_found(struct ctx *, struct db_rows *, void *);
static void	sound_open_run(void *);
static void	sound_open_answer(struct ctx *, void *);
static void	sound_open_release(void *);
static void	sweep_tick(void *);

static const struct work	 open_work = {
	.run = sound_open_run, .answer = sound_open_answer,
	.release = sound_open_release
};

void
sound_start(void)
{
	const struct settings	*s = server_settings();
	char			*why;

	if ((audio_store = store_new(s->store, &why)) == NULL)
		log_fatal("event=bad_store why=\"%s\"", why);
	cache = cache_open(s->cache_dir, s->cache_mb);
	if (cache == NULL)
		log_warn("event=no_cache dir=%s why=\"%s\"", s->cache_dir,
		    strerror(errno));
	else
		server_loop()->every(SWEEP_MS, sweep_tick, NULL);
}

struct cache *
sound_cache(void)
{
	return (cache);
}

const struct store *
sound_store(void)
{
	return (audio_store);
}

void
sound_open(struct ctx *c, const char *noted, sound_opened opened, void *arg)
{
	const char	*params[2] = { c->id, c->head ? NULL : noted };
	struct opening	*o;

	if (!uuid_valid(c->id)) {
		reply_result(c, NOT_FOUND);
		return;
	}
	o = arena_alloc(&c->arena, sizeof(*o));
	memset(o, 0, sizeof(*o));
	o->opened = opened;
	o->arg = arg;
	ask(c, SQL_RECORDINGS_PLAY, params, 2, sound_found, o);
}

void
sound_failed(struct ctx *c, enum result result, const char *why)
{
	if (result == UNAVAILABLE) {
		log_error("event=store_away recording=%s", c->id);
		reply_result(c, UNAVAILABLE);
		return;
	}
	log_error("event=audio_damaged recording=%s why=\"%s\"", c->id,
	    why);
	reply_problem(c, 502, "audio-damaged", "L’enregistrement audio est "
	    "perdu ou endommagé. Votre administrateur peut en retrouver la "
	    "cause grâce au numéro de la demande.");
}

/* Reads a row of play.sql; returns false when a value is not valid. */
static bool
sound_read(struct sound *s, struct db_rows *rows)
{
	int64_t	 channels, format, rate;

	for (format = SOURCE_PCM16; format < SOURCE_ULAW; format++)
		if (strcmp(source_format_name((enum source_format)format),
		    db_text(rows, 0, "format")) == 0)
			break;
	if (!text_int64(db_text(rows, 0, "rate"), 1, 48000, &rate) ||
	    !text_int64(db_text(rows, 0, "channels"), 1, 2, &channels) ||
	    !text_int64(db_text(rows, 0, "samples"), 1, INT64_MAX,
	    &s->info.samples))
		return (false);
	s->info.format = (enum source_format)format;
	s->info.rate = (int)rate;
	s->info.channels = (int)channels;
	(void)snprintf(s->key, sizeof(s->key), "%s",
	    db_text(rows, 0, "audio_key"));
	(void)snprintf(s->seed, sizeof(s->seed), "%s",
	    db_text(rows, 0, "etag_seed"));
	s->item = json_loads(db_text(rows, 0, "item"), 0, NULL);
	return (true);
}

static void
sound_found(struct ctx *c, struct db_rows *rows, void *arg)
{
	struct opening	*o;

	if (db_count(rows) == 0) {
		reply_result(c, NOT_FOUND);
		return;
	}
	if (db_text(rows, 0, "audio_key") == NULL) {
		reply_problem(c, 404, "audio-pending", "L’enregistrement "
		    "n’est pas encore disponible. Réessayez dans quelques "
		    "instants.");
		return;
	}
	if ((o = malloc(sizeof(*o))) == NULL)
		log_fatal("event=out_of_memory");
	memcpy(o, arg, sizeof(*o));
	if (sound_read(&o->sound, rows)) {
		ctx_work(c, &open_work, o);
		return;
	}
	free(o);
	sound_failed(c, DAMAGED, "unknown audio format in the database");
}

/* On a pool thread. */
static void
sound_open_run(void *arg)
{
	struct sound	*s = &((struct opening *)arg)->sound;

	s->result = source_open_as(&s->source, audio_store, s->key, &s->info,
	    &s->why);
	s->open = s->result == OK;
}

static void
sound_open_answer(struct ctx *c, void *arg)
{
	struct opening	*o = arg;

	if (o->sound.result == OK)
		o->opened(c, &o->sound, o->arg);
	else
		sound_failed(c, o->sound.result, o->sound.why);
}

static void
sound_open_release(void *arg)
{
	struct opening	*o = arg;

	if (o->sound.open)
		source_close(&o->sound.source);
	json_decref(o->sound.item);
	free(o);
}

bool
sound_mp3(struct ctx *c, const struct sound *s, struct mp3_file *f)
{
	struct mp3_facts	 facts = { .key = s->key, .sha256 = s->seed,
				    .info = s->info };

	facts.title = present_title(&c->arena, s->item);
	(void)clock_parse_utc(get(s->item, "started_at"), &facts.started_ms);
	if (mp3_file_plan(f, &facts) == OK)
		return (true);
	sound_failed(c, DAMAGED, "no MP3 can be made of this audio format");
	return (false);
}

void
sound_etag(const struct sound *s, const char *made, char etag[SOUND_ETAG])
{
	crypto_generichash_state	 state;
	uint8_t				 hash[HASH_BYTES];
	char				 hex[2 * HASH_BYTES + 1];

	(void)crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	(void)crypto_generichash_update(&state, (const uint8_t *)s->seed,
	    strlen(s->seed) + 1);
	(void)crypto_generichash_update(&state, (const uint8_t *)made,
	    strlen(made) + 1);
	(void)crypto_generichash_update(&state,
	    (const uint8_t *)&s->info.samples, sizeof(s->info.samples));
	(void)crypto_generichash_final(&state, hash, sizeof(hash));
	hex_encode(hash, sizeof(hash), hex);
	(void)snprintf(etag, SOUND_ETAG, "\"%s\"", hex);
}

static void
sweep_run(struct job *j)
{
	(void)j;
	(void)cache_sweep(cache);
}

static void
sweep_done(struct job *j)
{
	(void)j;
	sweeping = false;
}

/* Starts a sweep, unless one runs; a full pool: in the next minute. */
static void
sweep_tick(void *arg)
{
	static struct job	 job = { .run = sweep_run,
	    .done = sweep_done };

	(void)arg;
	if (!sweeping)
		sweeping = pool_submit(server_pool(), &job) == OK;
}
