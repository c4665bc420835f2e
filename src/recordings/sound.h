/*
 * The sound of the recording that a request names: found in the caller's
 * scope, its source opened before the answer begins, so that a lost or
 * damaged one is an error that people can read. What play.c, waveform.c and
 * download.c have in common.
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
	bool			 open;		/* close source in the end */
	enum result		 result;
	const char		*why;
	json_t			*item;		/* what is said of the call */
};

/* Shared by all that is made from sounds; NULL: none. */
struct cache	*sound_cache(void);
/* Where sounds are. */
const struct store *sound_store(void);

/* opened() gets the sound, its source open, and arg; takes the source over by
 * clearing `open`, else it is closed when opened() is back. In every other
 * case (no such recording, no sound yet, lost, damaged) the reply is made
 * here. arg: in the arena, or NULL. noted: what the access log says of it,
 * "listen" or "download"; NULL: nothing. */
typedef void	(*sound_opened)(struct ctx *, struct sound *, void *arg);
void		 sound_open(struct ctx *, const char *noted,
		    sound_opened opened, void *arg);
/* Replies what went wrong with a source, 503 when its store is away, else
 * 502, with a line in the log. */
void		 sound_failed(struct ctx *, enum result, const char *why);

/* The MP3 of it. false: replied that none can be made. */
bool		 sound_mp3(struct ctx *, const struct sound *,
		    struct mp3_file *);
/* Strong tag of what is made of a sound in a way that `made` names: the same
 * tag means the same bytes, whoever made them. */
void		 sound_etag(const struct sound *, const char *made,
		    char etag[SOUND_ETAG]);

#endif
