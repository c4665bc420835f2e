/*
 * Converts delivered audio to the WAV that source.h reads: FLAC, MP3, GSM 06.10
 * and other encodings in WAV. Files are decoded to their end, whatever their
 * headers say about the length. A FLAC of 16 bits keeps each sample. The
 * encoder and decoder delay of an MP3 are removed when it has a LAME tag;
 * otherwise they are unknown and stay, as silence of less than 0.1 s.
 */
#ifndef MEDIA_IMPORT_H
#define MEDIA_IMPORT_H

#include <stdint.h>

#include "base/result.h"

#define IMPORT_PATH	4096
#define IMPORT_TEXT	512

struct import {
	char	path[IMPORT_PATH];	/* of a WAV; until import_close() */
	int	fd;			/* of a converted file, or -1 */
	char	kind[24];		/* as delivered: "wav", "mp3", "flac" */
	char	notes[IMPORT_TEXT];	/* what its header had wrong, or "" */
	char	why[IMPORT_TEXT];	/* the reason of an error */
};

/* Opens the audio file at path and converts it unless source_open() reads it as
 * it is. ms is the length of the call in milliseconds, which decides where two
 * sizes in a header disagree. Returns INVALID when the file is unreadable,
 * damaged, or its kind, rate or length is not supported, FAILED when the disk
 * is full, with in->why set. The caller calls import_close() after OK. */
enum result	import_open(struct import *in, const char *path, int64_t ms);
void		import_close(struct import *in);

#endif
