/*
 * Reads RIFF/WAVE files (Microsoft "Multimedia Programming Interface and Data
 * Specifications 1.0", WAVE; format tags: RFC 2361). Files are untrusted: every
 * size is checked against that of the object. RF64 and other compressed formats
 * are not supported.
 */
#include <endian.h>
#include <string.h>

#include "media/g711.h"
#include "media/source.h"

#define RIFF_BYTES	12	/* "RIFF", size, "WAVE" */
#define CHUNKS_MAX	256	/* maximum number of chunks */
#define FORMAT_MIN	16	/* bytes of the shortest fmt chunk */
#define FORMAT_MAX	40	/* WAVE_FORMAT_EXTENSIBLE */

#define TAG_PCM		0x0001
#define TAG_ALAW	0x0006
#define TAG_ULAW	0x0007
#define TAG_EXTENSIBLE	0xfffe

static const char	*const names[] = { "pcm16", "alaw", "ulaw" };

const char *
source_format_name(enum source_format f)
{
	return (names[f]);
}

static unsigned
read_le16(const uint8_t *p)
{
	return (p[0] | (unsigned)p[1] << 8);
}

static uint32_t
read_le32(const uint8_t *p)
{
	return (read_le16(p) | (uint32_t)read_le16(p + 2) << 16);
}

static unsigned
sample_bytes(enum source_format f)
{
	return (f == SOURCE_PCM16 ? 2 : 1);
}

size_t
source_frame_bytes(const struct source_info *info)
{
	return ((size_t)info->channels * sample_bytes(info->format));
}

unsigned
source_format_tag(const uint8_t *p, size_t n)
{
	static const uint8_t	 guid_tail[14] = { 0x00, 0x00, 0x00, 0x00,
	    0x10, 0x00, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71 };

	if (read_le16(p) != TAG_EXTENSIBLE)
		return (read_le16(p));
	if (n < FORMAT_MAX || memcmp(p + 26, guid_tail, 14) != 0)
		return (0);
	return (read_le16(p + 24));
}

static enum result
source_damaged(const char **why, const char *sentence)
{
	*why = sentence;
	return (DAMAGED);
}

static enum result
parse_format(struct source_info *info, const uint8_t *p, size_t n,
    const char **why)
{
	unsigned	 bytes, channels;
	uint32_t	 rate;

	switch (source_format_tag(p, n)) {
	case TAG_PCM:
		info->format = SOURCE_PCM16;
		break;
	case TAG_ALAW:
		info->format = SOURCE_ALAW;
		break;
	case TAG_ULAW:
		info->format = SOURCE_ULAW;
		break;
	default:
		return (source_damaged(why,
		    "neither PCM nor A-law nor mu-law"));
	}
	channels = read_le16(p + 2);
	rate = read_le32(p + 4);
	bytes = sample_bytes(info->format);
	if (channels != 1 && channels != 2)
		return (source_damaged(why, "neither mono nor stereo"));
	if (rate != 8000 && rate != 16000)
		return (source_damaged(why,
		    "rate is neither 8000 nor 16000 Hz"));
	if (read_le16(p + 14) != 8 * bytes ||
	    read_le16(p + 12) != channels * bytes)
		return (source_damaged(why,
		    "bits per sample do not fit the format"));
	info->channels = (int)channels;
	info->rate = (int)rate;
	return (OK);
}

static enum result
read_format(struct source *s, int64_t at, uint32_t size, const char **why)
{
	enum result	 r;
	uint8_t		 p[FORMAT_MAX];
	size_t		 n;

	n = size < FORMAT_MAX ? size : FORMAT_MAX;
	if (n < FORMAT_MIN)
		return (source_damaged(why, "format too short"));
	if ((r = s->object.store->read(&s->object, p, n, at)) != OK)
		return (r);
	return (parse_format(&s->info, p, n, why));
}

static enum result
take_data(struct source *s, int64_t at, uint32_t size, const char **why)
{
	size_t	 frame;

	if (s->info.rate == 0)
		return (source_damaged(why, "data before its format"));
	if (size > s->object.size - at)
		return (source_damaged(why, "shorter than its header says"));
	frame = source_frame_bytes(&s->info);
	s->info.data_offset = at;
	s->info.samples = (int64_t)(size / frame);
	return (s->info.samples == 0 ? source_damaged(why, "no audio in it") :
	    OK);
}

/* Reads the chunks up to the data chunk. Chunks are padded to even sizes. */
static enum result
read_chunks(struct source *s, const char **why)
{
	enum result	 r;
	uint8_t		 head[8];
	uint32_t	 size;
	int64_t		 at;
	int		 i;

	at = RIFF_BYTES;
	for (i = 0; i < CHUNKS_MAX && at + 8 <= s->object.size; i++) {
		r = s->object.store->read(&s->object, head, 8, at);
		if (r != OK)
			return (r);
		at += 8;
		size = read_le32(head + 4);
		if (memcmp(head, "data", 4) == 0)
			return (take_data(s, at, size, why));
		if (memcmp(head, "fmt ", 4) == 0 &&
		    (r = read_format(s, at, size, why)) != OK)
			return (r);
		at += (int64_t)size + (size & 1);
	}
	return (source_damaged(why, "no audio in it"));
}

static enum result
read_header(struct source *s, const char **why)
{
	enum result	 r;
	uint8_t		 head[RIFF_BYTES];

	if (s->object.size < RIFF_BYTES)
		return (source_damaged(why, "not a RIFF/WAVE file"));
	r = s->object.store->read(&s->object, head, RIFF_BYTES, 0);
	if (r != OK)
		return (r);
	if (memcmp(head, "RIFF", 4) != 0 || memcmp(head + 8, "WAVE", 4) != 0)
		return (source_damaged(why, "not a RIFF/WAVE file"));
	return (read_chunks(s, why));
}

enum result
source_open(struct source *s, const struct store *store, const char *key,
    const char **why)
{
	enum result	 r;

	memset(s, 0, sizeof(*s));
	*why = "the store has no such object, or can't read it";
	if ((r = store->open(store, key, &s->object)) != OK)
		return (r);
	if ((r = read_header(s, why)) != OK)
		source_close(s);
	return (r);
}

enum result
source_open_as(struct source *s, const struct store *store, const char *key,
    const struct source_info *as, const char **why)
{
	const struct source_info	*is = &s->info;
	enum result			 r;

	if ((r = source_open(s, store, key, why)) != OK)
		return (r);
	if (is->samples == as->samples && is->rate == as->rate &&
	    is->channels == as->channels && is->format == as->format)
		return (OK);
	source_close(s);
	return (source_damaged(why, "not the audio that was ingested"));
}

/*
 * Decodes n bytes of G.711, which are in the second half of out, to n samples
 * in place. Sample i is written to the bytes 2i and 2i + 1; the bytes not yet
 * read begin at n + i + 1, which is never below 2i + 2.
 */
static void
g711_expand(const int16_t *table, int16_t *out, size_t n)
{
	const uint8_t	*bytes;
	size_t		 i;

	bytes = (const uint8_t *)out + n;
	for (i = 0; i < n; i++)
		out[i] = table[bytes[i]];
}

static void
from_little_endian(int16_t *out, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		out[i] = (int16_t)le16toh((uint16_t)out[i]);
}

enum result
source_read_raw(const struct source *s, int64_t position, size_t frames,
    void *out)
{
	size_t	 frame = source_frame_bytes(&s->info);

	return (s->object.store->read(&s->object, out, frames * frame,
	    s->info.data_offset + position * (int64_t)frame));
}

/* Reads frames > 0 frames, all inside the call. */
static enum result
read_inside(const struct source *s, int64_t position, size_t frames,
    int16_t *out)
{
	enum result	 r;
	size_t		 n, bytes;

	n = frames * (size_t)s->info.channels;
	bytes = sample_bytes(s->info.format);
	r = source_read_raw(s, position, frames,
	    (uint8_t *)out + (2 - bytes) * n);
	if (r != OK)
		return (r);
	if (s->info.format == SOURCE_ALAW)
		g711_expand(g711_alaw, out, n);
	else if (s->info.format == SOURCE_ULAW)
		g711_expand(g711_ulaw, out, n);
	else
		from_little_endian(out, n);
	return (OK);
}

enum result
source_read(const struct source *s, int64_t position, int frames,
    int16_t *out)
{
	int64_t	 first, last;

	memset(out, 0, sizeof(*out) * (size_t)frames *
	    (size_t)s->info.channels);
	first = position < 0 ? 0 : position;
	last = position + frames;
	if (last > s->info.samples)
		last = s->info.samples;
	if (first >= last)
		return (OK);
	return (read_inside(s, first, (size_t)(last - first),
	    out + (first - position) * s->info.channels));
}

void
source_close(struct source *s)
{
	s->object.store->close(&s->object);
}
