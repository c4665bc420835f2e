/*
 * Decodes FLAC (RFC 9639) with libFLAC. STREAMINFO's number of samples is not
 * believed: 0 means unknown. Its MD5 of the samples, when there is one, must be
 * that of the decoded samples.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <FLAC/stream_decoder.h>

#include "media/importer.h"

#define ID3V1_BYTES	128	/* "TAG…" at the end of a file */

struct flac {
	struct importer		*i;
	enum result		 result;
	int64_t			 said;		/* samples, 0 unknown */
	int64_t			 frames;	/* decoded */
	bool			 has_md5;
	int			 errors;
};

static void
flac_metadata(const FLAC__StreamDecoder *d, const FLAC__StreamMetadata *m,
    void *data)
{
	static const FLAC__byte	 none[16];
	struct flac		*f = data;

	(void)d;
	if (m->type != FLAC__METADATA_TYPE_STREAMINFO)
		return;
	f->said = (int64_t)m->data.stream_info.total_samples;
	f->has_md5 = memcmp(m->data.stream_info.md5sum, none, 16) != 0;
}

static void
flac_error(const FLAC__StreamDecoder *d, FLAC__StreamDecoderErrorStatus why,
    void *data)
{
	struct flac	*f = data;

	(void)d;
	(void)why;
	f->errors++;
}

/* Writes n frames from first on. Samples of other sizes become 16 bits. */
static enum result
flac_put(struct flac *f, const FLAC__Frame *frame,
    const FLAC__int32 *const buffer[], unsigned first, unsigned n)
{
	int16_t		 pcm[2 * 1024];
	int		 bits = (int)frame->header.bits_per_sample;
	unsigned	 c, channels = frame->header.channels, k;
	int32_t		 v;

	for (k = 0; k < n; k++)
		for (c = 0; c < channels; c++) {
			v = buffer[c][first + k];
			pcm[k * channels + c] = (int16_t)(bits > 16 ?
			    v >> (bits - 16) : v * (1 << (16 - bits)));
		}
	return (importer_write(f->i, pcm, n * channels * sizeof(pcm[0])));
}

static enum result
flac_check(struct flac *f, const FLAC__FrameHeader *h)
{
	struct importer	*i = f->i;

	if (i->out == NULL)
		return (importer_begin(i, WAV_TAG_PCM, h->sample_rate,
		    (int)h->channels));
	if ((int)h->sample_rate != i->rate || (int)h->channels != i->channels)
		return (importer_refuse(i, "its rate or its channels change "
		    "after %.3f s", importer_seconds(i)));
	return (OK);
}

static FLAC__StreamDecoderWriteStatus
flac_write(const FLAC__StreamDecoder *d, const FLAC__Frame *frame,
    const FLAC__int32 *const buffer[], void *data)
{
	struct flac	*f = data;
	unsigned	 at, n, size = frame->header.blocksize;

	(void)d;
	f->result = flac_check(f, &frame->header);
	for (at = 0; f->result == OK && at < size; at += n) {
		n = size - at < 1024 ? size - at : 1024;
		f->result = flac_put(f, frame, buffer, at, n);
	}
	f->frames += size;
	return (f->result == OK ? FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE :
	    FLAC__STREAM_DECODER_WRITE_STATUS_ABORT);
}

/* Returns whether the last frame ends where the file does, or where an ID3v1
 * tag begins. */
static bool
flac_at_end(const struct flac *f, int64_t at)
{
	char	 tag[3];
	int64_t	 left = f->i->size - at;

	return (left == 0 || (left == ID3V1_BYTES &&
	    importer_read(f->i, tag, 3, at) == 3 &&
	    memcmp(tag, "TAG", 3) == 0));
}

/* Decides whether the audio is whole: its MD5 says so, or, without one, the
 * file ends with a frame. md5_right: true also without one. */
static enum result
flac_judge(struct flac *f, bool md5_right, bool at_end)
{
	struct importer	*i = f->i;
	bool		 whole;
	double		 said;

	if (f->result != OK)
		return (f->result);
	if (i->out == NULL)
		return (importer_refuse(i, "it has no FLAC audio"));
	said = (double)f->said / i->rate;
	whole = f->has_md5 ? md5_right : f->said == f->frames ||
	    (f->errors == 0 && at_end);
	if (f->said > f->frames && !whole)
		return (importer_refuse(i, "it breaks off: it has %.3f s of "
		    "the %.3f s that its header gives", importer_seconds(i),
		    said));
	if (!md5_right)
		return (importer_refuse(i, "it is damaged: its MD5 is not that "
		    "of its samples"));
	if (!whole)
		return (importer_refuse(i, "it breaks off, or is damaged, "
		    "after %.3f s", importer_seconds(i)));
	if (f->said != 0 && f->said != f->frames)
		importer_note(i, "its FLAC header was wrong: it gives %.3f s, "
		    "and there are %.3f s", said, importer_seconds(i));
	return (importer_end(i));
}

/* Decodes the whole file; the decoder closes it. */
static enum result
flac_decode(struct flac *f, FLAC__StreamDecoder *d, FILE *file)
{
	FLAC__uint64	 at = 0, end = 0;
	bool		 md5_right;

	(void)FLAC__stream_decoder_set_md5_checking(d, true);
	if (FLAC__stream_decoder_init_FILE(d, file, flac_write, flac_metadata,
	    flac_error, f) != FLAC__STREAM_DECODER_INIT_STATUS_OK) {
		(void)fclose(file);
		return (FAILED);
	}
	while (f->result == OK && FLAC__stream_decoder_get_state(d) <
	    FLAC__STREAM_DECODER_END_OF_STREAM &&
	    FLAC__stream_decoder_process_single(d))
		if (FLAC__stream_decoder_get_decode_position(d, &at) &&
		    FLAC__stream_decoder_get_state(d) <
		    FLAC__STREAM_DECODER_END_OF_STREAM)
			end = at;
	md5_right = FLAC__stream_decoder_finish(d) || !f->has_md5;
	return (flac_judge(f, md5_right, flac_at_end(f, (int64_t)end)));
}

enum result
import_flac(struct importer *i)
{
	struct flac		 f = { .i = i };
	FLAC__StreamDecoder	*d;
	enum result		 r = FAILED;
	FILE			*file = NULL;
	int			 copy;

	(void)snprintf(i->in->kind, sizeof(i->in->kind), "flac");
	if ((copy = dup(i->fd)) == -1 || (file = fdopen(copy, "rb")) == NULL ||
	    (d = FLAC__stream_decoder_new()) == NULL) {
		if (file != NULL)
			(void)fclose(file);
		else if (copy != -1)
			(void)close(copy);
		return (FAILED);
	}
	rewind(file);
	r = flac_decode(&f, d, file);
	FLAC__stream_decoder_delete(d);
	return (r);
}
