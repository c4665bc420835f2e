/*
 * The audio of a document being ingested: copies the file beside the document
 * into the store, and describes it for the database. A file that is converted
 * is kept as it was delivered too, under the audio's key with ".orig".
 */
#ifndef RECORDINGS_INGEST_AUDIO_H
#define RECORDINGS_INGEST_AUDIO_H

#include <stdbool.h>

#include <jansson.h>

#include "base/result.h"
#include "store/store.h"

#define INGEST_WHY	768	/* bytes of a sentence */

struct ingest_audio {
	const struct store	*store;
	char			 key[STORE_KEY_MAX + 1];	/* "": none */
	char			 original[STORE_KEY_MAX + 1];	/* "": none */
	bool			 was_there;	/* stored before this run */
	bool			 original_was_there;
	char			 notes[INGEST_WHY];	/* to be told, or "" */
};

/*
 * Stores the file that {"audio": {"file": "x.wav"}} names in folder, and
 * replaces that member by {"key", "format", "rate" (Hz), "channels", "samples"
 * (per channel), "sha256", "original": {"kind", "bytes", "sha256"} of the file
 * as delivered}; without audio, by null. Sets the notes: what its header had
 * wrong, and a length that is not duration_ms. Returns OK; INVALID with why set
 * when the document or the file is refused; UNAVAILABLE or FAILED when the
 * store can't be used.
 */
enum result	ingest_audio_put(struct ingest_audio *, json_t *document,
		    const char *folder, char why[INGEST_WHY]);
/* Removes what the recording does not name of the audio (NULL: names none) and
 * of the file as it was delivered. */
void		ingest_audio_keep(struct ingest_audio *, const char *key,
		    const char *original);
/* Removes the audio if this run has stored it: the document was refused. */
void		ingest_audio_undo(struct ingest_audio *);

#endif
