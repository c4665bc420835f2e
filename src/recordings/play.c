/*
 * GET /recordings/{id}/audio.mp3: which bytes of its MP3 are wanted. The
 * sound is found and opened by sound.c; the bytes themselves are playback.c's.
 */
#include <string.h>

#include "base/etag.h"
#include "base/range.h"
#include "recordings/playback.h"
#include "recordings/recordings.h"
#include "recordings/sound.h"

static void	opened(struct ctx *, struct sound *, void *);

void
recording_audio(struct ctx *c)
{
	sound_open(c, "listen", opened, NULL);
}

/* The bytes asked for; a Range counts only for GET, and only when the client
 * speaks of these very bytes (RFC 9110 sections 13.1.5 and 14.2). */
static void
wanted(struct ctx *c, const char *etag, int64_t length, struct range *r)
{
	const char	*if_range, *range;

	range = ctx_header(c, "range");
	if_range = ctx_header(c, "if-range");
	if (c->head || (if_range != NULL && strcmp(if_range, etag) != 0))
		range = NULL;
	range_parse(r, range, length);
}

/* The source goes over to the playback. */
static void
send_sound(struct ctx *c, struct sound *sound, const struct mp3 *mp3,
    const char *etag, const struct range *r)
{
	struct stream_source	 s;
	const char		*key;
	int64_t			 first, last;
	int			 status;

	status = r->kind == RANGE_PART ? 206 : 200;
	first = status == 206 ? r->first : 0;
	last = status == 206 ? r->last : mp3->length - 1;
	if (status == 206)
		reply_header(c, "content-range", arena_printf(&c->arena,
		    "bytes %lld-%lld/%lld", (long long)first, (long long)last,
		    (long long)mp3->length));
	reply_header(c, "content-type", "audio/mpeg");
	reply_header(c, "content-disposition", "inline");
	key = arena_printf(&c->arena, "%s %s", sound->key, etag);
	s = playback_new(&sound->source, mp3, c->id, key, first, last);
	sound->open = false;
	reply_stream(c, status, last - first + 1, &s);
}

static void
opened(struct ctx *c, struct sound *s, void *arg)
{
	struct mp3	 mp3;
	struct range	 r;
	char		 etag[SOUND_ETAG];

	(void)arg;
	if (mp3_plan(&mp3, s->info.rate, s->info.channels,
	    s->info.samples) != OK) {
		sound_failed(c, DAMAGED,
		    "no MP3 can be made of its kind of sound");
		return;
	}
	sound_etag(s, mp3_fingerprint(), etag);
	reply_header(c, "etag", etag);
	reply_header(c, "accept-ranges", "bytes");
	wanted(c, etag, mp3.length, &r);
	if (etag_listed(ctx_header(c, "if-none-match"), etag))
		reply_bytes(c, 304, "audio/mpeg", "", 0);
	else if (r.kind == RANGE_UNSATISFIABLE) {
		reply_header(c, "content-range", arena_printf(&c->arena,
		    "bytes */%lld", (long long)mp3.length));
		reply_problem(c, 416, "range-not-satisfiable",
		    "Cette partie de l’enregistrement n’existe pas.");
	} else
		send_sound(c, s, &mp3, etag, &r);
}
