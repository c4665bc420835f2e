/*
 * PDFs of transcripts in the cache of chunks. The key is made of all that the
 * document shows, so a changed call, language, brand or layout has another one.
 */
#ifndef MEDIA_TRANSCRIPT_CACHE_H
#define MEDIA_TRANSCRIPT_CACHE_H

#include "media/cache.h"
#include "media/transcript_pdf.h"

/* Longer documents are made each time: they would displace too much audio. */
#define TRANSCRIPT_CACHED_MAX	(2 * 1024 * 1024)

/*
 * Like transcript_pdf(), with the cache (NULL: none). id is that of the
 * recording. The caller has just read the call from the database: what is
 * cached of a deleted call is never asked for.
 */
enum result	transcript_pdf_cached(struct cache *, const char *id,
		    const struct transcript *, const char *fonts,
		    uint8_t **bytes, size_t *n);

#endif
