/*
 * Converts FLAC and MP3 audio to the WAV that source.h reads. A FLAC of 16 bits
 * keeps each sample. The encoder and decoder delay of an MP3 are removed when
 * it has a LAME tag; otherwise they are unknown and stay, as silence of less
 * than 0.1 s.
 */
#ifndef MEDIA_IMPORT_H
#define MEDIA_IMPORT_H

#include "base/result.h"

#define IMPORT_PATH	4096

struct import {
	char	path[IMPORT_PATH];	/* of a WAV; until import_close() */
	int	fd;			/* of a converted file, or -1 */
};

/* Opens the audio file at path and converts FLAC and MP3. Other files are not
 * converted; source_open() checks them. Returns INVALID when the file is
 * unreadable or its kind, rate or length is not supported, FAILED when the
 * disk is full, with *why set to a static sentence. */
enum result	import_open(struct import *in, const char *path,
		    const char **why);
void		import_close(struct import *in);

#endif
