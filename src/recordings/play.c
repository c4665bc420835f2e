/*
 * GET /recordings/{id}/audio.mp3: sends the requested bytes of the MP3. sound.c
 * finds and opens the audio, playback.c produces the bytes. With ?download=1
 * the browser saves the file; the bytes are the same.
 */
#include <string.h>

#include "base/clock.h"
#include "base/filename.h"
#include "recordings/file.h"
#include "recordings/playback.h"
#include "recordings/present.h"
#include "recordings/recordings.h"
#include "recordings/sound.h"

static void	play_opened(struct ctx *, struct sound *, void *);

static bool
is_download(struct ctx *c)
{
	const char	*download = params_get(&c->query, "download");

	return (download != NULL && strcmp(download, "1") == 0);
}

void
recording_audio(struct ctx *c)
{
	sound_open(
	    c, is_download(c) ? "download" : "listen", play_opened, NULL);
}

static const char *
play_disposition(struct ctx *c, const json_t *item)
{
	struct view	 v = file_view(c, c->lang);
	struct page	 p = { &v, &c->arena, true };

	return (filename_disposition(&c->arena,
	    is_download(c) ? "attachment" : "inline",
	    present_filename(&p, item, ".mp3")));
}

static void
play_opened(struct ctx *c, struct sound *s, void *arg)
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
	f.disposition = play_disposition(c, s->item);
	if (!file_begin(c, &f, &part))
		return;
	/* the playback takes the source over */
	source = playback_new(&mp3, &s->source, c->id, &c->scope.key,
	    part.first, part.last);
	s->open = false;
	file_send(c, &f, &part, &source);
}
