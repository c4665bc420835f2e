/*
 * The audio of a document being ingested: from a file beside it into the
 * store, and what the database wants to know about it.
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
	bool			 was_there;	/* before this run */
};

/*
 * {"audio": {"file": "x.wav"}} becomes {"audio": {"key", "format", "rate",
 * "channels", "samples", "sha256"}}, once the file is in the store; no
 * audio becomes null. INVALID: the document or the file is at fault, why
 * says how. UNAVAILABLE, FAILED: the store is.
 */
enum result	ingest_audio_put(struct ingest_audio *, json_t *document,
		    const char *folder, char why[256]);
/* The document was refused: takes back what this run has put. */
void		ingest_audio_undo(struct ingest_audio *);
/* No recording names it: away with it, whoever has put it. */
void		ingest_audio_remove(struct ingest_audio *);

#endif
