/*
 * Converts audio with libsndfile, which decodes MP3 with mpg123 (gapless).
 * There is no resampling: telephony uses only 8 and 16 kHz.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sndfile.h>

#include "base/temporary.h"
#include "media/import.h"
#include "media/mp3.h"

#define BLOCK		4096		/* frames copied at a time */
#define WAV_MAX		INT64_C(0xf0000000)	/* bytes; RIFF counts 32 bits */

static enum result
import_refuse(const char **why, const char *sentence)
{
	*why = sentence;
	return (INVALID);
}

/* Returns whether the file is FLAC or MP3 and must be converted. */
static bool
is_ours(const SF_INFO *info)
{
	int	 type = info->format & SF_FORMAT_TYPEMASK;

	return (type == SF_FORMAT_FLAC || type == SF_FORMAT_MPEG);
}

static enum result
import_check(const SF_INFO *info, const char **why)
{
	if (info->samplerate != 8000 && info->samplerate != 16000)
		return (import_refuse(why, "its rate is neither 8 nor 16 kHz: "
		    "convert it first"));
	if (info->channels != 1 && info->channels != 2)
		return (import_refuse(why, "it has more than two channels"));
	if (info->frames < 1 || info->frames > MP3_SAMPLES_MAX ||
	    info->frames * info->channels * 2 > WAV_MAX)
		return (import_refuse(why, "it is empty, or too long"));
	return (OK);
}

static enum result
import_copy(SNDFILE *from, SNDFILE *to, int channels, const char **why)
{
	short		*block;
	sf_count_t	 n;
	enum result	 r = OK;

	if ((block = calloc((size_t)(BLOCK * channels), sizeof(*block))) ==
	    NULL)
		return (FAILED);
	while (r == OK && (n = sf_readf_short(from, block, BLOCK)) > 0)
		if (sf_writef_short(to, block, n) != n) {
			*why = "no room for a copy of it";
			r = FAILED;
		}
	if (r == OK && sf_error(from) != SF_ERR_NO_ERROR)
		r = import_refuse(why, "it breaks off, or is damaged");
	free(block);
	return (r);
}

/* Converts to a file without a name, so that a crash leaves no audio on the
 * disk. */
static enum result
import_convert(struct import *in, SNDFILE *from, const SF_INFO *info,
    const char **why)
{
	SF_INFO		 wav = { .samplerate = info->samplerate,
			    .channels = info->channels,
			    .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16 };
	SNDFILE		*to;
	const char	*dir = getenv("TMPDIR");
	enum result	 r;

	*why = "no room for a copy of it";
	if ((in->fd = temporary_open(dir == NULL ? "/tmp" : dir)) == -1 ||
	    (to = sf_open_fd(in->fd, SFM_WRITE, &wav, SF_FALSE)) == NULL)
		return (FAILED);
	(void)snprintf(in->path, sizeof(in->path), "/proc/self/fd/%d",
	    in->fd);
	r = import_copy(from, to, info->channels, why);
	if (sf_close(to) != 0 && r == OK)
		r = FAILED;
	return (r);
}

enum result
import_open(struct import *in, const char *path, const char **why)
{
	SF_INFO		 info = { .format = 0 };
	SNDFILE		*from;
	enum result	 r = OK;

	memset(in, 0, sizeof(*in));
	in->fd = -1;
	from = sf_open(path, SFM_READ, &info);
	if (from != NULL && is_ours(&info)) {
		if ((r = import_check(&info, why)) == OK)
			r = import_convert(in, from, &info, why);
	} else
		(void)snprintf(in->path, sizeof(in->path), "%s", path);
	if (from != NULL)
		(void)sf_close(from);
	if (r != OK)
		import_close(in);
	return (r);
}

void
import_close(struct import *in)
{
	if (in->fd != -1)
		(void)close(in->fd);
	in->fd = -1;
}
