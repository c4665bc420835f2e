/*
 * What a WAV, RF64 or Wave64 file says about its audio, and what is there. For
 * src/media/import_wav*.c only.
 */
#ifndef MEDIA_IMPORT_WAV_H
#define MEDIA_IMPORT_WAV_H

#include <stdbool.h>

#include "media/importer.h"

#define WAV_FORMAT_MAX	64	/* bytes of a fmt chunk that are read */

struct wav_file {
	uint8_t	 format[WAV_FORMAT_MAX];	/* the fmt chunk */
	size_t	 format_bytes;			/* 0: none */
	int64_t	 data;		/* offset of the audio, 0: none */
	int64_t	 bytes;		/* of audio that is taken */
	int64_t	 long_size;	/* of the audio, in an RF64; or 0 */
	int64_t	 riff_end;	/* where the header says that the file ends */
};

/* Finds the fmt and the data chunk, and decides how much audio there is; notes
 * what the header has wrong. Returns INVALID when there is no audio. */
enum result	wav_walk(struct importer *i, struct wav_file *w);

#endif
