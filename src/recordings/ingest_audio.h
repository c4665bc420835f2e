/*
 * The audio of a document being ingested: copies the file beside the document
 * into the store, and describes it for the database.
 */
#ifndef RECORDINGS_INGEST_AUDIO_H
#define RECORDINGS_INGEST_AUDIO_H

#include <stdbool.h>

#include <jansson.h>

#include "base/result.h"
#include "store/store.h"

struct ingest_audio {
	const struct store	*store;
	char			 key[STORE_KEY_MAX + 1];	/* "": none */
	bool			 was_there;	/* stored before this run */
};

/*
 * Stores the file that {"audio": {"file": "x.wav"}} names in folder, and
 * replaces that member by {"key", "format", "rate" (Hz), "channels", "samples"
 * (per channel), "sha256"}; without audio, by null. Returns OK; INVALID with
 * why set when the document or the file is refused; UNAVAILABLE or FAILED when
 * the store can't be used.
 */
enum result	ingest_audio_put(struct ingest_audio *, json_t *document,
		    const char *folder, char why[256]);
/* Removes the audio if this run has stored it: the document was refused. */
void		ingest_audio_undo(struct ingest_audio *);
/* Removes the audio from the store: no recording names it. */
void		ingest_audio_remove(struct ingest_audio *);

#endif
