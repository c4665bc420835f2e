/*
 * Decodes MPEG audio with libmpg123 up to the end of the file. The number of
 * frames in a Xing or Info header is not believed; without one nothing says
 * how long the file is. ID3 and APE tags are skipped.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpg123.h>

#include "media/importer.h"

#define BLOCK	4096		/* samples decoded at a time */

/* Scales and rounds as libsndfile does, so that a file which an earlier release
 * decoded with it has the same samples. */
static void
to_pcm(const float *from, int16_t *to, size_t n)
{
	float	 v;
	size_t	 k;

	for (k = 0; k < n; k++) {
		v = from[k] * 32767.0f;
		to[k] = v >= 32767.0f ? INT16_MAX : v <= -32768.0f ? INT16_MIN :
		    (int16_t)lrintf(v);
	}
}

/* Fixes the output to the format of the first frame. Returns INVALID when there
 * is none. */
static enum result
mp3_begin(struct importer *i, mpg123_handle *m)
{
	struct mpg123_frameinfo	 info;
	enum result		 r;
	long			 rate;
	int			 channels, encoding;

	if (mpg123_getformat(m, &rate, &channels, &encoding) != MPG123_OK)
		return (importer_refuse(i, "it has no MP3 audio"));
	if (mpg123_info(m, &info) == MPG123_OK)
		(void)snprintf(i->in->kind, sizeof(i->in->kind), "mp%d",
		    info.layer);
	if ((r = importer_begin(i, WAV_TAG_PCM, rate, channels)) != OK)
		return (r);
	if (mpg123_format_none(m) != MPG123_OK || mpg123_format(m, rate,
	    channels, MPG123_ENC_FLOAT_32) != MPG123_OK)
		return (importer_refuse(i, "its MP3 format is not supported"));
	return (OK);
}

static enum result
mp3_copy(struct importer *i, mpg123_handle *m)
{
	float		 block[BLOCK];
	int16_t		 pcm[BLOCK];
	enum result	 r = OK;
	size_t		 bytes, n;
	int		 status = MPG123_OK;

	while (r == OK && (status == MPG123_OK ||
	    status == MPG123_NEW_FORMAT)) {
		bytes = 0;
		status = mpg123_read(m, (unsigned char *)block, sizeof(block),
		    &bytes);
		n = bytes / sizeof(block[0]);
		to_pcm(block, pcm, n);
		if (n > 0)
			r = importer_write(i, pcm, n * sizeof(pcm[0]));
	}
	if (r == OK && status != MPG123_DONE)
		r = importer_refuse(i, "it is damaged after %.3f s (%s)",
		    importer_seconds(i), mpg123_strerror(m));
	return (r);
}

static enum result
mp3_convert(struct importer *i, mpg123_handle *m)
{
	enum result	 r;

	(void)mpg123_param(m, MPG123_REMOVE_FLAGS, MPG123_AUTO_RESAMPLE, 0);
	(void)mpg123_param(m, MPG123_ADD_FLAGS,
	    MPG123_QUIET | MPG123_FORCE_FLOAT | MPG123_GAPLESS, 0);
	/* a large picture or any other bytes may precede the first frame */
	(void)mpg123_param(m, MPG123_RESYNC_LIMIT, -1, 0);
	if (mpg123_open_fd(m, i->fd) != MPG123_OK)
		return (importer_refuse(i, "it has no MP3 audio"));
	if ((r = mp3_begin(i, m)) == OK)
		r = mp3_copy(i, m);
	return (r == OK ? importer_end(i) : r);
}

enum result
import_mp3(struct importer *i)
{
	mpg123_handle	*m;
	enum result	 r;

	(void)snprintf(i->in->kind, sizeof(i->in->kind), "mp3");
	if (mpg123_init() != MPG123_OK ||
	    (m = mpg123_new(NULL, NULL)) == NULL)
		return (FAILED);
	r = mp3_convert(i, m);
	mpg123_delete(m);
	return (r);
}
