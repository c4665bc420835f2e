/*
 * GET /recordings/{id}/audio.mp3: which bytes of its MP3 are wanted. The
 * sound is found and opened by sound.c; the bytes themselves are playback.c's.
 * ?download=1 changes where they go, not what they are.
 */
#include <string.h>

#include "base/clock.h"
#include "base/filename.h"
#include "recordings/file.h"
#include "recordings/playback.h"
#include "recordings/present.h"
#include "recordings/recordings.h"
#include "recordings/sound.h"

static void	opened(struct ctx *, struct sound *, void *);

static bool
to_keep(struct ctx *c)
{
	const char	*download = params_get(&c->query, "download");

	return (download != NULL && strcmp(download, "1") == 0);
}

void
recording_audio(struct ctx *c)
{
	sound_open(c, to_keep(c) ? "download" : "listen", opened, NULL);
}

static const char *
disposition(struct ctx *c, const json_t *item)
{
	struct view	 v = file_view(c, c->lang);
	struct page	 p = { &v, &c->arena, true };

	return (filename_disposition(&c->arena,
	    to_keep(c) ? "attachment" : "inline",
	    present_filename(&p, item, ".mp3")));
}

static void
opened(struct ctx *c, struct sound *s, void *arg)
{
	struct mp3_file		 mp3;
	struct file		 f;
	struct part		 part;
	struct stream_source	 source;
	int64_t			 until_ms = 0;

	(void)arg;
	if (!sound_mp3(c, s, &mp3))
		return;
	(void)clock_parse_utc(get(s->item, "expires_at"), &until_ms);
	f = file_of_recording(until_ms);
	f.type = "audio/mpeg";
	f.etag = mp3.etag;
	f.length = mp3.mp3.length;
	f.disposition = disposition(c, s->item);
	if (!file_begin(c, &f, &part))
		return;
	/* the source goes over to the playback */
	source = playback_new(&mp3, &s->source, c->id, part.first, part.last);
	s->open = false;
	file_send(c, &f, &part, &source);
}
