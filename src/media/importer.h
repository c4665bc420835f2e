/*
 * What the importers of each kind of file share: the delivered file, and the
 * WAV that is made of it. For src/media/import*.c only.
 */
#ifndef MEDIA_IMPORTER_H
#define MEDIA_IMPORTER_H

#include <stddef.h>
#include <stdio.h>

#include "media/import.h"

#define WAV_TAG_PCM	0x0001
#define WAV_TAG_ALAW	0x0006
#define WAV_TAG_ULAW	0x0007

struct importer {
	struct import	*in;
	int		 fd;		/* the delivered file */
	int64_t		 size;		/* its bytes */
	int64_t		 ms;		/* length of the call */
	FILE		*out;		/* the WAV, or NULL */
	unsigned	 tag;
	int		 rate, channels;
	int64_t		 bytes;		/* of audio written */
};

/* Sets the reason of a refusal. Returns INVALID. */
enum result	importer_refuse(struct importer *i, const char *format, ...)
		    __attribute__((format(printf, 2, 3)));
/* Adds a sentence to the notes. */
void		importer_note(struct importer *i, const char *format, ...)
		    __attribute__((format(printf, 2, 3)));
/* Reads up to n bytes of the delivered file. Returns their number, fewer at its
 * end or on an error. */
size_t		importer_read(const struct importer *i, void *buf, size_t n,
		    int64_t offset);

/* Begins the WAV, in a file without a name, so that a crash leaves no audio on
 * the disk. Returns INVALID for an unsupported rate (Hz) or number of channels,
 * FAILED when the file can't be made. */
enum result	importer_begin(struct importer *i, unsigned tag, long rate,
		    int channels);
/* Adds n bytes of audio in the format of importer_begin(). Returns INVALID when
 * the audio becomes too long, FAILED when the disk is full. */
enum result	importer_write(struct importer *i, const void *bytes, size_t n);
/* Writes the header. Returns INVALID when there is no audio. */
enum result	importer_end(struct importer *i);
/* Seconds of the audio written so far. */
double		importer_seconds(const struct importer *i);

/* Each converts the file of one kind, or leaves it as it is (i->out NULL). */
enum result	import_wav(struct importer *i);
enum result	import_mp3(struct importer *i);
enum result	import_flac(struct importer *i);
/* Converts GSM 06.10 frames of 33 bytes without a header. */
enum result	import_gsm(struct importer *i);
/* Converts a WAV of an encoding that libsndfile decodes: its fmt chunk of n
 * bytes, and the place and size of its audio. */
enum result	import_encoded(struct importer *i, const uint8_t *format,
		    size_t n, int64_t data, int64_t bytes);

#endif
