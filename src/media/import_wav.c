/*
 * A WAV that source.h reads right stays as it is. Of others that have PCM of 16
 * bits or G.711, the audio is copied behind a new header; other encodings are
 * decoded, or refused by their name (format tags: RFC 2361).
 */
#include <stdlib.h>
#include <string.h>

#include "media/import_wav.h"
#include "media/source.h"

#define COPY	65536	/* bytes copied at a time; a multiple of a frame */

static const struct {
	unsigned	 tag;
	const char	*name;
} names[] = {
	{ 0x0001, "PCM" }, { 0x0002, "Microsoft ADPCM" },
	{ 0x0003, "floating-point PCM" }, { 0x0011, "IMA ADPCM" },
	{ 0x0014, "G.723 ADPCM" }, { 0x0017, "Dialogic ADPCM" },
	{ 0x0022, "TrueSpeech" }, { 0x0031, "GSM 06.10" },
	{ 0x0038, "AMR" }, { 0x0040, "G.721 ADPCM" },
	{ 0x0041, "G.728" }, { 0x0042, "G.723.1" }, { 0x0045, "G.726" },
	{ 0x0057, "AMR" }, { 0x0058, "AMR-WB" }, { 0x0064, "G.726" },
	{ 0x0065, "G.722" }, { 0x0083, "G.729" }, { 0x0085, "DSAT" },
	{ 0x00ff, "AAC" }, { 0x0111, "G.723.1" }, { 0x0130, "ACELP" },
	{ 0x0133, "G.729" }, { 0x0134, "G.729" }, { 0x0140, "G.729" },
	{ 0x0160, "Windows Media" }, { 0x0161, "Windows Media" },
	{ 0x028f, "G.722" }, { 0x704f, "Opus" }, { 0xa100, "G.723.1" },
	{ 0xa107, "AMR" }, { 0xa109, "Speex" }, { 0xa10c, "G.722" },
	{ 0xa116, "G.722" }, { 0xf1ac, "FLAC" },
};

static const char *
encoding_name(unsigned tag)
{
	size_t	 k;

	for (k = 0; k < sizeof(names) / sizeof(names[0]); k++)
		if (names[k].tag == tag)
			return (names[k].name);
	return (NULL);
}

static unsigned
read_le16(const uint8_t *p)
{
	return (p[0] | (unsigned)p[1] << 8);
}

/* --- the delivered file as a store, for source_open() ---------------- */

static enum result
file_open(const struct store *s, const char *key, struct store_object *out)
{
	const struct importer	*i = s->private_data;

	(void)key;
	out->store = s;
	out->size = i->size;
	return (OK);
}

static enum result
file_read(const struct store_object *o, void *buf, size_t n, int64_t offset)
{
	return (importer_read(o->store->private_data, buf, n, offset) == n ?
	    OK : DAMAGED);
}

static void
file_close(struct store_object *o)
{
	(void)o;
}

/* Returns whether source_open() takes just the audio of w. */
static bool
is_stored_form(struct importer *i, const struct wav_file *w)
{
	struct store	 store = { .open = file_open, .read = file_read,
			    .close = file_close, .private_data = i };
	struct source	 s;
	const char	*why;
	bool		 same;

	if (source_open(&s, &store, "x", &why) != OK)
		return (false);
	same = s.info.data_offset == w->data && s.info.samples ==
	    w->bytes / (int64_t)source_frame_bytes(&s.info);
	source_close(&s);
	return (same);
}

/* Copies the audio behind a new header, whole frames only. */
static enum result
wav_copy(struct importer *i, const struct wav_file *w, unsigned tag)
{
	unsigned	 channels = read_le16(w->format + 2);
	int64_t		 at, frame = channels * (tag == WAV_TAG_PCM ? 2 : 1);
	uint32_t	 rate;
	enum result	 r;
	size_t		 n;
	char		*block;

	rate = read_le16(w->format + 4) | read_le16(w->format + 6) << 16;
	r = importer_begin(i, tag, (long)rate, (int)channels);
	if (r != OK)
		return (r);
	if ((block = malloc(COPY)) == NULL)
		return (FAILED);
	for (at = 0; r == OK && at < w->bytes; at += (int64_t)n) {
		n = w->bytes - at < COPY ? (size_t)(w->bytes - at) : COPY;
		if (n < COPY)
			n -= n % (size_t)frame;
		if (n == 0)
			break;
		if (importer_read(i, block, n, w->data + at) != n)
			r = importer_refuse(i, "can't be read");
		else
			r = importer_write(i, block, n);
	}
	free(block);
	return (r == OK ? importer_end(i) : r);
}

/* Returns whether the samples are what source.h reads, whatever the fmt chunk
 * says about their size: G.711 always has 8 bits. */
static bool
is_plain(const struct wav_file *w, unsigned tag)
{
	unsigned	 channels = read_le16(w->format + 2);
	unsigned	 bits = read_le16(w->format + 14);

	return (tag == WAV_TAG_ALAW || tag == WAV_TAG_ULAW ||
	    (tag == WAV_TAG_PCM && (bits == 16 ||
	    (bits == 0 && read_le16(w->format + 12) == 2 * channels))));
}

/* Notes a fmt chunk whose size of a sample or of a frame is wrong. */
static void
note_sizes(struct importer *i, const struct wav_file *w, unsigned tag)
{
	unsigned	 channels = read_le16(w->format + 2);
	unsigned	 bytes = tag == WAV_TAG_PCM ? 2 : 1;

	if (read_le16(w->format + 14) != 8 * bytes ||
	    read_le16(w->format + 12) != channels * bytes)
		importer_note(i, "its WAV header was wrong: bits per sample or "
		    "bytes per frame do not fit the format");
}

static enum result
wav_decode(struct importer *i, const struct wav_file *w, unsigned tag)
{
	const char	*name = encoding_name(tag);

	(void)snprintf(i->in->kind, sizeof(i->in->kind), "wav %s",
	    name == NULL ? "?" : name);
	switch (tag) {
	case 0x0050:
	case 0x0055:
		return (import_mp3(i));
	case WAV_TAG_PCM:
	case 0x0002:
	case 0x0003:
	case 0x0011:
	case 0x0031:
		return (import_encoded(i, w->format, w->format_bytes, w->data,
		    w->bytes));
	}
	if (name != NULL)
		return (importer_refuse(i, "its audio is %s in WAV, which is "
		    "not taken: convert it to PCM, A-law, mu-law, FLAC or MP3",
		    name));
	return (importer_refuse(i, "neither PCM nor A-law nor mu-law (WAV "
	    "format 0x%04x): convert it first", tag));
}

enum result
import_wav(struct importer *i)
{
	struct wav_file	 w;
	enum result	 r;
	unsigned	 tag;

	(void)snprintf(i->in->kind, sizeof(i->in->kind), "wav");
	if ((r = wav_walk(i, &w)) != OK)
		return (r);
	if (is_stored_form(i, &w))
		return (OK);
	tag = source_format_tag(w.format, w.format_bytes);
	if (is_plain(&w, tag)) {
		note_sizes(i, &w, tag);
		return (wav_copy(i, &w, tag));
	}
	return (wav_decode(i, &w, tag));
}
