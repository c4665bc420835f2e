/*
 * Decodes with libsndfile what is neither PCM of 16 bits nor G.711: GSM 06.10
 * (in WAV, as Asterisk's wav49, or without a header), ADPCM, PCM of other sizes
 * and floating point in WAV. libsndfile reads a WAV with a header that is made
 * here, since that of the file may be wrong.
 */
#include <endian.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <sndfile.h>

#include "media/importer.h"

#define BLOCK		2048	/* samples decoded at a time */
#define FORMAT_MAX	64	/* bytes of a fmt chunk */
#define GSM_FRAME	33	/* bytes, of 160 samples */

/* A header in memory, then a part of the delivered file. */
struct view {
	const struct importer	*i;
	uint8_t			 head[28 + FORMAT_MAX];
	int64_t			 head_bytes, data, bytes, at;
};

static sf_count_t
view_length(void *data)
{
	const struct view	*v = data;

	return (v->head_bytes + v->bytes);
}

static sf_count_t
view_seek(sf_count_t offset, int whence, void *data)
{
	struct view	*v = data;
	int64_t		 at;

	at = offset + (whence == SEEK_CUR ? v->at :
	    whence == SEEK_END ? view_length(v) : 0);
	if (at < 0 || at > view_length(v))
		return (-1);
	return (v->at = at);
}

static sf_count_t
view_read(void *out, sf_count_t n, void *data)
{
	struct view	*v = data;
	int64_t		 left;

	if (v->at < v->head_bytes) {
		left = v->head_bytes - v->at;
		n = n < left ? n : left;
		memcpy(out, v->head + v->at, (size_t)n);
	} else {
		left = view_length(v) - v->at;
		n = n < left ? n : left;
		n = (sf_count_t)importer_read(v->i, out, (size_t)n,
		    v->data + v->at - v->head_bytes);
	}
	v->at += n;
	return (n);
}

static sf_count_t
view_tell(void *data)
{
	return (((struct view *)data)->at);
}

static sf_count_t
view_write(const void *bytes, sf_count_t n, void *data)
{
	(void)bytes;
	(void)n;
	(void)data;
	return (0);
}

static SNDFILE *
view_open(struct view *v, SF_INFO *info)
{
	SF_VIRTUAL_IO	 io = { .get_filelen = view_length, .seek = view_seek,
			    .read = view_read, .write = view_write,
			    .tell = view_tell };

	return (sf_open_virtual(&io, SFM_READ, info, v));
}

/* Reads up to n samples as 16 bits. Floating point is in the range of 1. */
static sf_count_t
encoded_read(SNDFILE *from, const SF_INFO *info, int16_t *pcm, sf_count_t n)
{
	int		 sub = info->format & SF_FORMAT_SUBMASK;
	float		 block[BLOCK], v;
	sf_count_t	 k;

	if (sub != SF_FORMAT_FLOAT && sub != SF_FORMAT_DOUBLE)
		return (sf_read_short(from, pcm, n));
	n = sf_read_float(from, block, n);
	for (k = 0; k < n; k++) {
		v = block[k] * 32768.0f;
		pcm[k] = !(v < 32767.0f) ? INT16_MAX : v <= -32768.0f ?
		    INT16_MIN : (int16_t)lrintf(v);
	}
	return (n);
}

static enum result
encoded_copy(struct importer *i, SNDFILE *from, const SF_INFO *info)
{
	int16_t		 pcm[BLOCK];
	enum result	 r;
	sf_count_t	 n;

	r = importer_begin(i, WAV_TAG_PCM, info->samplerate, info->channels);
	if (r != OK)
		return (r);
	while (r == OK && (n = encoded_read(from, info, pcm, BLOCK)) > 0)
		r = importer_write(i, pcm, (size_t)n * sizeof(pcm[0]));
	if (r == OK && sf_error(from) != SF_ERR_NO_ERROR)
		r = importer_refuse(i, "it is damaged after %.3f s (%s)",
		    importer_seconds(i), sf_strerror(from));
	return (r == OK ? importer_end(i) : r);
}

static enum result
encoded_convert(struct importer *i, struct view *v, SF_INFO *info)
{
	SNDFILE		*from;
	enum result	 r;

	if ((from = view_open(v, info)) == NULL)
		return (importer_refuse(i, "its audio can't be decoded (%s)",
		    sf_strerror(NULL)));
	r = encoded_copy(i, from, info);
	(void)sf_close(from);
	return (r);
}

static uint8_t *
put_le32(uint8_t *p, int64_t value)
{
	uint32_t	 le = htole32((uint32_t)value);

	memcpy(p, &le, 4);
	return (p + 4);
}

enum result
import_encoded(struct importer *i, const uint8_t *format, size_t n,
    int64_t data, int64_t bytes)
{
	struct view	 v = { .i = i, .data = data, .bytes = bytes };
	SF_INFO		 info = { .format = 0 };
	uint8_t		*p = v.head;

	if (bytes > INT32_MAX)
		return (importer_refuse(i, "it is too long"));
	n = n < FORMAT_MAX ? n : FORMAT_MAX;
	memcpy(p, "RIFF", 4);
	p = put_le32(p + 4, (int64_t)(20 + n + (n & 1)) + bytes);
	memcpy(p, "WAVEfmt ", 8);
	p = put_le32(p + 8, (int64_t)n);
	memcpy(p, format, n);
	p += n + (n & 1);
	memcpy(p, "data", 4);
	p = put_le32(p + 4, bytes);
	v.head_bytes = p - v.head;
	return (encoded_convert(i, &v, &info));
}

/* Returns whether each frame begins with the four bits 0xd, as RTP and files
 * have it (RFC 3551, section 4.5.8). */
static bool
is_gsm(const struct importer *i)
{
	uint8_t	 block[1024 * GSM_FRAME];
	int64_t	 at;
	size_t	 k, n;

	for (at = 0; at < i->size; at += (int64_t)n) {
		if ((n = importer_read(i, block, sizeof(block), at)) == 0)
			return (false);
		for (k = 0; k < n; k += GSM_FRAME)
			if ((block[k] & 0xf0) != 0xd0)
				return (false);
	}
	return (true);
}

enum result
import_gsm(struct importer *i)
{
	int64_t		 over = i->size % GSM_FRAME;
	struct view	 v = { .i = i, .bytes = i->size - over };
	SF_INFO		 info = { .samplerate = 8000, .channels = 1,
			    .format = SF_FORMAT_RAW | SF_FORMAT_GSM610 };

	(void)snprintf(i->in->kind, sizeof(i->in->kind), "gsm");
	if (v.bytes == 0 || !is_gsm(i))
		return (importer_refuse(i, "it is not GSM 06.10 in frames of "
		    "33 bytes: convert it to WAV, FLAC or MP3"));
	if (over != 0)
		importer_note(i, "its last GSM frame is incomplete: %d bytes "
		    "are left out", (int)over);
	return (encoded_convert(i, &v, &info));
}
