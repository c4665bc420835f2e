/*
 * Sound that comes in as FLAC or MP3, made into the WAV that source.h reads
 * in place. FLAC of 16 bits keeps each sample. Of an MP3, encoder and decoder
 * delay are left out when its LAME tag tells them; without one nobody can
 * know them, and they stay, as silence of less than a tenth of a second.
 */
#ifndef MEDIA_IMPORT_H
#define MEDIA_IMPORT_H

#include "base/result.h"

#define IMPORT_PATH	4096

struct import {
	char	path[IMPORT_PATH];	/* of a WAV, until import_close() */
	int	fd;			/* of the one made by us, or -1 */
};

/* A WAV, or what isn't sound at all, is taken as it is: source_open() will
 * say. INVALID: the file can't be read or is of a kind, rate or length that
 * isn't taken; FAILED: no room for a copy. *why is then a static sentence. */
enum result	import_open(struct import *in, const char *path,
		    const char **why);
void		import_close(struct import *in);

#endif
