/*
 * GET /recordings/{id}/peaks: the levels of a call, or of a part of it, for its
 * waveform. sound.c finds and opens the audio; for levels see media/peaks.h.
 * One step of work reads one block (ten minutes of audio), so that playback of
 * others is not delayed. Blocks are cached; a cached one costs no step.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/etag.h"
#include "base/log.h"
#include "base/text.h"
#include "media/peaks.h"
#include "recordings/recordings.h"
#include "recordings/sound.h"
#include "server/reply.h"

#define DAY_MS		INT64_C(86400000)
#define LEVELS		1000		/* default of the parameter n */
#define MADE		"peaks 1"	/* raise it when levels change */
#define JSON		"application/json; charset=utf-8"
#define KEY_TEXT	(STORE_KEY_MAX + 128)

/* The requested part and its number of levels; to_ms -1: to the end. */
struct stretch {
	int64_t	from_ms, to_ms, n;
};

/* A waveform being made; malloc'd, since it may outlive the request. */
struct waveform {
	struct sound	 sound;
	struct stretch	 stretch;
	char		 etag[SOUND_ETAG];
	struct peaks	 peaks;
	int64_t		 block;		/* the next one */
	bool		 done;
	enum result	 result;
};

static void	waveform_opened(struct ctx *, struct sound *, void *);
static void	waveform_run(void *);
static bool	waveform_more(void *);
static void	waveform_drawn(struct ctx *, void *);
static void	waveform_free(void *);

static const struct work	 draw_work = {
	.run = waveform_run, .answer = waveform_drawn, .release = waveform_free
};

/*
 * Reads a parameter; an absent one leaves *value as it is. Returns false after
 * a reply of 400.
 */
static bool
read_number(struct ctx *c, const char *name, int64_t min, int64_t max,
    const char *problem, int64_t *value)
{
	const char	*text = params_get(&c->query, name);

	if (text == NULL || *text == '\0' || text_int64(text, min, max, value))
		return (true);
	reply_invalid(c, name, problem);
	return (false);
}

void
recording_peaks(struct ctx *c)
{
	struct stretch	*s = arena_alloc(&c->arena, sizeof(*s));

	s->from_ms = 0;
	s->to_ms = -1;
	s->n = LEVELS;
	if (!read_number(c, "from_ms", 0, DAY_MS,
	    "Le début n’est pas un instant en millisecondes.", &s->from_ms) ||
	    !read_number(c, "to_ms", 0, DAY_MS,
	    "La fin n’est pas un instant en millisecondes.", &s->to_ms) ||
	    !read_number(c, "n", 1, PEAKS_MAX,
	    "Le nombre de niveaux va de 1 à 4000.", &s->n))
		return;
	if (s->to_ms != -1 && s->to_ms <= s->from_ms)
		reply_invalid(c, "to_ms", "La fin précède le début.");
	else
		sound_open(c, NULL, waveform_opened, s);
}

static struct waveform *
waveform_new(struct sound *sound, const struct stretch *s)
{
	struct waveform	*w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		log_fatal("event=out_of_memory");
	w->sound = *sound;
	sound->open = false;
	w->stretch = *s;
	peaks_plan(&w->peaks, &sound->info, s->from_ms, s->to_ms, (int)s->n);
	w->block = peaks_first_block(&w->peaks);
	return (w);
}

static void
waveform_free(void *arg)
{
	struct waveform	*w = arg;

	source_close(&w->sound.source);
	free(w);
}

static void
waveform_opened(struct ctx *c, struct sound *sound, void *arg)
{
	struct stretch	*s = arg;
	struct waveform	*w;
	char		 etag[SOUND_ETAG];

	if (s->to_ms == -1)
		s->to_ms = (sound->info.samples * 1000 +
		    sound->info.rate - 1) / sound->info.rate;
	if (s->from_ms >= s->to_ms) {
		reply_invalid(c, "from_ms",
		    "Le début dépasse la fin de l’enregistrement.");
		return;
	}
	sound_etag(sound, arena_printf(&c->arena, MADE " %lld %lld %lld",
	    (long long)s->from_ms, (long long)s->to_ms, (long long)s->n),
	    etag);
	if (etag_listed(ctx_header(c, "if-none-match"), etag)) {
		reply_header(c, "etag", etag);
		reply_bytes(c, 304, JSON, "", 0);
		return;
	}
	w = waveform_new(sound, s);
	memcpy(w->etag, etag, sizeof(etag));
	ctx_work_steps(c, &draw_work, waveform_more, w);
}

/*
 * Gets the levels of the current block from the cache; else reads the audio,
 * sets *looked and caches them.
 */
static enum result
get_block(struct waveform *w, uint8_t *levels, bool *looked)
{
	enum result	 r;
	char		 key[KEY_TEXT];
	size_t		 n = peaks_block_bytes(&w->peaks, w->block);

	(void)snprintf(key, sizeof(key), "%s %s " MADE " %lld", w->sound.key,
	    w->sound.seed, (long long)w->block);
	if (cache_get(sound_cache(), key, levels, n) == n)
		return (OK);
	*looked = true;
	r = peaks_block(&w->peaks, &w->sound.source, w->block, levels);
	if (r == OK)
		cache_put(sound_cache(), key, levels, n);
	return (r);
}

/* Adds blocks up to and including the first that is not cached. */
static enum result
draw_blocks(struct waveform *w)
{
	enum result	 r = OK;
	bool		 looked = false;
	uint8_t		*levels;

	if ((levels = malloc(PEAKS_BLOCK_MAX)) == NULL)
		return (FAILED);
	while (r == OK && !looked && w->block < peaks_last_block(&w->peaks)) {
		r = get_block(w, levels, &looked);
		if (r == OK)
			peaks_add(&w->peaks, w->block++, levels);
	}
	free(levels);
	w->done = w->block >= peaks_last_block(&w->peaks);
	return (r);
}

/* On a pool thread. */
static void
waveform_run(void *arg)
{
	struct waveform	*w = arg;

	if (peaks_is_fine(&w->peaks)) {
		w->result = peaks_look(&w->peaks, &w->sound.source);
		w->done = true;
	} else
		w->result = draw_blocks(w);
}

static bool
waveform_more(void *arg)
{
	const struct waveform	*w = arg;

	return (w->result == OK && !w->done);
}

static void
put_lane(struct buf *b, const struct peaks *p, int lane, const char *speaker)
{
	int	 i;

	buf_printf(b, "{\"speaker\":\"%s\",\"levels\":[", speaker);
	for (i = 0; i < p->n; i++)
		buf_printf(b, i == 0 ? "%d" : ",%d",
		    p->levels[i * p->channels + lane]);
	buf_puts(b, "]}");
}

static void
waveform_drawn(struct ctx *c, void *arg)
{
	const struct waveform	*w = arg;
	struct buf		 b = { NULL, 0, 0 };

	if (w->result != OK) {
		sound_failed(c, w->result, "it can't be read to the end");
		return;
	}
	buf_printf(&b, "{\"from_ms\":%lld,\"to_ms\":%lld,\"lanes\":[",
	    (long long)w->stretch.from_ms, (long long)w->stretch.to_ms);
	if (w->peaks.channels == 1)
		put_lane(&b, &w->peaks, 0, "both");
	else {
		put_lane(&b, &w->peaks, 0, "caller");
		buf_putc(&b, ',');
		put_lane(&b, &w->peaks, 1, "callee");
	}
	buf_puts(&b, "]}");
	reply_header(c, "etag", w->etag);
	reply_bytes(c, 200, JSON, b.data, b.len);
	buf_dispose(&b);
}
