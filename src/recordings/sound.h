/*
 * The audio of the recording that a request names, for play.c, waveform.c and
 * download.c: looked up in the request's scope, and opened before the response
 * begins, so that lost or damaged audio becomes an error that people can read.
 */
#ifndef RECORDINGS_SOUND_H
#define RECORDINGS_SOUND_H

#include "media/cache.h"
#include "media/mp3_file.h"
#include "media/source.h"
#include "server/context.h"

#define SOUND_ETAG	35	/* two quotes, 32 digits, NUL */

struct sound {
	char			 key[STORE_KEY_MAX + 1];
	char			 seed[65];	/* SHA-256 of the file, hex */
	struct source_info	 info;		/* as it was ingested */
	struct source		 source;
	bool			 open;		/* source must be closed */
	enum result		 result;	/* of opening source */
	const char		*why;		/* source can't be opened */
	json_t			*item;		/* from recording_item() */
};

/* Opens the store and the cache, once in each worker. */
void	sound_start(void);
/* Starts to look at the store for /readyz, once in each worker. */
void	store_ready_start(void);
/* Returns the worker's cache of encoded audio and peaks; NULL: none. */
struct cache	*sound_cache(void);
/* Returns the store of the audio. */
const struct store *sound_store(void);

/*
 * Looks up the audio of the recording c->id, opens its source on a thread, then
 * calls opened(). opened() takes the source over by clearing `open`, else it is
 * closed after the call. Replies by itself in all other cases: 404 (no such
 * recording, no audio yet), and those of sound_failed(). arg is in the
 * request's arena, or NULL. noted is the kind of the access log's row, "listen"
 * or "download"; NULL adds none, nor does HEAD.
 */
typedef void	(*sound_opened)(struct ctx *, struct sound *, void *arg);
void		 sound_open(struct ctx *, const char *noted,
		    sound_opened opened, void *arg);
/* Replies 503 when the store is away, else 502 (damaged); logs an error. */
void		 sound_failed(struct ctx *, enum result, const char *why);

/* Plans the MP3; returns false after a reply that none can be made. */
bool		 sound_mp3(struct ctx *, const struct sound *,
		    struct mp3_file *);
/*
 * Makes the strong ETag of a response derived from the audio in a way that
 * `made` names: the same tag means the same bytes, in all workers.
 */
void		 sound_etag(const struct sound *, const char *made,
		    char etag[SOUND_ETAG]);

#endif
