/*
 * Walks the chunks of a RIFF/WAVE file, an RF64 (EBU Tech 3306) or a Sony
 * Wave64, whose sizes may be wrong: programs that write into a pipe, or that
 * were ended, leave 0, 0xffffffff or the size of an earlier moment.
 */
#include <string.h>

#include "media/import_wav.h"

#define CHUNKS_MAX	4096
#define TRAILER_MAX	65536	/* bytes searched for chunks at the end */
#define UNKNOWN		INT64_C(0xffffffff)
#define SIZE_LIMIT	(INT64_C(1) << 60)
#define TOLERANCE_MS	2000	/* as of pipeline.ingest() */

/* The sizes of heads and the alignment of chunks in a kind of file. */
struct form {
	int64_t	 head;		/* bytes before the first chunk */
	int64_t	 chunk;		/* bytes of a chunk's head */
	int64_t	 align;
	bool	 wave64;	/* ids of 16 bytes, sizes of 8 with the head */
};

static const struct form riff = { 12, 8, 2, false };
static const struct form wave64 = { 40, 24, 8, true };

struct chunk {
	char	 id[5];
	int64_t	 at;		/* of its content */
	int64_t	 size;
};

static int64_t
read_le(const uint8_t *p, int n)
{
	uint64_t	 v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return ((int64_t)(v & INT64_MAX));
}

/* Returns whether a chunk's id is at an offset: four printable characters. */
static bool
has_id(const struct importer *i, int64_t at)
{
	uint8_t	 id[4];
	int	 k;

	if (importer_read(i, id, 4, at) != 4)
		return (false);
	for (k = 0; k < 4; k++)
		if (id[k] < 0x20 || id[k] > 0x7e)
			return (false);
	return (true);
}

static bool
is_one_of(const char *id, const char *const *ids)
{
	for (; *ids != NULL; ids++)
		if (memcmp(id, *ids, 4) == 0)
			return (true);
	return (false);
}

static bool
has_known_id(const struct importer *i, int64_t at)
{
	static const char *const	 known[] = { "data", "fmt ", "LIST",
	    "fact", "bext", "JUNK", "junk", "cue ", "PEAK", "ds64", "id3 ",
	    "ID3 ", "iXML", "PAD ", NULL };
	char				 id[4];

	return (importer_read(i, id, 4, at) == 4 && is_one_of(id, known));
}

/* Returns where the chunk after c begins. *unpadded: c has an odd size and no
 * padding byte, which RIFF demands. */
static int64_t
next_chunk(const struct importer *i, const struct form *f,
    const struct chunk *c, bool *unpadded)
{
	int64_t	 end = c->at + c->size;
	int64_t	 padded = end + (f->align - c->size % f->align) % f->align;

	*unpadded = padded != end && has_id(i, end) &&
	    (has_known_id(i, end) || !has_id(i, padded));
	return (*unpadded ? end : padded);
}

static bool
read_chunk(const struct importer *i, const struct form *f, int64_t at,
    struct chunk *c)
{
	uint8_t	 head[24];

	if (at < 0 || importer_read(i, head, (size_t)f->chunk, at) !=
	    (size_t)f->chunk)
		return (false);
	memcpy(c->id, head, 4);
	c->id[4] = '\0';
	c->at = at + f->chunk;
	c->size = read_le(head + (f->wave64 ? 16 : 4), f->wave64 ? 8 : 4);
	if (f->wave64)
		c->size = c->size < f->chunk ? 0 : c->size - f->chunk;
	if (c->size > SIZE_LIMIT)
		c->size = SIZE_LIMIT;
	return (true);
}

/* Returns whether chunks fill the file from an offset to its end, or nothing
 * does. *unpadded: a padding byte is missing. */
static bool
chunks_to_end(const struct importer *i, const struct form *f, int64_t at,
    bool *unpadded)
{
	struct chunk	 c;
	bool		 missing;
	int		 n;

	for (n = 0; n < CHUNKS_MAX && at < i->size; n++) {
		if (!has_id(i, at) || !read_chunk(i, f, at, &c) ||
		    c.at + c.size > i->size)
			return (false);
		at = next_chunk(i, f, &c, &missing);
		*unpadded = *unpadded || missing;
	}
	return (at >= i->size);
}

/* Returns where audio of unknown size ends: at the end of the file, or before a
 * chunk of metadata that ends there. */
static int64_t
audio_end(const struct importer *i, const struct form *f, int64_t from)
{
	static const char *const	 ids[] = { "LIST", "id3 ", "ID3 ",
	    "bext", "iXML", "cue ", "PEAK", NULL };
	uint8_t				 block[TRAILER_MAX];
	int64_t				 at, size;
	size_t				 k, n;

	if (f->wave64)
		return (i->size);
	at = i->size - from > TRAILER_MAX ? i->size - TRAILER_MAX : from;
	n = importer_read(i, block, sizeof(block), at);
	for (k = 0; k + 8 <= n; k++) {
		if (!is_one_of((const char *)block + k, ids))
			continue;
		size = (int64_t)k + 8 + read_le(block + k + 4, 4);
		if (size <= (int64_t)n && size + 1 >= (int64_t)n)
			return (at + (int64_t)k);
	}
	return (i->size);
}

/* Milliseconds of n bytes of audio, by the fmt chunk's bytes per second. */
static int64_t
audio_ms(const struct wav_file *w, int64_t n)
{
	int64_t	 rate = read_le(w->format + 8, 4);

	return (rate == 0 ? 0 : n * 1000 / rate);
}

static bool
fits_call(const struct importer *i, int64_t ms)
{
	return (ms - i->ms <= TOLERANCE_MS && i->ms - ms <= TOLERANCE_MS);
}

/* The header gives more or nothing: takes what is there. */
static enum result
take_rest(struct importer *i, struct wav_file *w, const struct form *f,
    const struct chunk *c)
{
	bool	 unpadded = false;

	if (c->size == 0 && chunks_to_end(i, f, c->at, &unpadded))
		return (importer_refuse(i, "it has no audio"));
	w->bytes = audio_end(i, f, c->at) - c->at;
	importer_note(i, "its WAV header was wrong: it gives %lld bytes of "
	    "audio, and there are %lld", (long long)c->size,
	    (long long)w->bytes);
	return (OK);
}

/*
 * The header gives less than there is. Other chunks may follow the audio. If
 * they do not, the size may be that of an earlier moment: the whole rest is
 * taken when it fits the length of the call and what the header gives does
 * not. It is also too large when it ends inside a chunk of metadata.
 */
static enum result
take_said(struct importer *i, struct wav_file *w, const struct form *f,
    const struct chunk *c)
{
	bool	 unpadded = false;
	int64_t	 rest = i->size - c->at, next = next_chunk(i, f, c, &unpadded);

	w->bytes = c->size;
	if (chunks_to_end(i, f, next, &unpadded)) {
		if (unpadded)
			importer_note(i, "its WAV header was wrong: a padding "
			    "byte is missing");
		return (OK);
	}
	if (audio_end(i, f, c->at) < c->at + c->size ||
	    (!fits_call(i, audio_ms(w, c->size)) &&
	    fits_call(i, audio_ms(w, rest))))
		return (take_rest(i, w, f, c));
	importer_note(i, "its WAV header was wrong: %lld bytes after the end "
	    "of its audio are left out", (long long)(rest - c->size));
	return (OK);
}

static enum result
take_data(struct importer *i, struct wav_file *w, const struct form *f,
    const struct chunk *c)
{
	enum result	 r;

	w->data = c->at;
	if (c->size == 0 || c->size == UNKNOWN || c->size > i->size - c->at)
		r = take_rest(i, w, f, c);
	else
		r = take_said(i, w, f, c);
	if (r == OK && w->bytes <= 0)
		return (importer_refuse(i, "it has no audio"));
	if (r == OK && i->in->notes[0] == '\0' && !f->wave64 &&
	    (w->riff_end < w->data + w->bytes || w->riff_end > i->size + 1))
		importer_note(i, "its WAV header was wrong: it gives %lld "
		    "bytes to the file, which has %lld",
		    (long long)w->riff_end, (long long)i->size);
	return (r);
}

static enum result
take_format(struct importer *i, struct wav_file *w, const struct chunk *c)
{
	if (c->size < 16)
		return (importer_refuse(i, "format too short"));
	w->format_bytes = importer_read(i, w->format,
	    c->size < WAV_FORMAT_MAX ? (size_t)c->size : WAV_FORMAT_MAX,
	    c->at);
	return (w->format_bytes < 16 ? importer_refuse(i,
	    "format too short") : OK);
}

/* Reads the sizes of 64 bits of an RF64, which has 0xffffffff in their
 * place. */
static void
take_sizes(struct importer *i, struct wav_file *w, const struct chunk *c)
{
	uint8_t	 sizes[16];

	if (importer_read(i, sizes, 16, c->at) != 16)
		return;
	w->riff_end = 8 + read_le(sizes, 8) % SIZE_LIMIT;
	w->long_size = read_le(sizes + 8, 8) % SIZE_LIMIT;
}

/* Reads chunks until both the format and the audio are found. */
static enum result
walk_chunks(struct importer *i, struct wav_file *w, const struct form *f)
{
	int64_t		 at = f->head;
	struct chunk	 c, audio = { .at = 0 };
	enum result	 r;
	bool		 unpadded;
	int		 n;

	for (n = 0; n < CHUNKS_MAX && read_chunk(i, f, at, &c); n++) {
		if (memcmp(c.id, "data", 4) == 0 && audio.at == 0)
			audio = c;
		else if (memcmp(c.id, "fmt ", 4) == 0 &&
		    (r = take_format(i, w, &c)) != OK)
			return (r);
		else if (memcmp(c.id, "ds64", 4) == 0)
			take_sizes(i, w, &c);
		if (audio.at != 0 && w->format_bytes > 0) {
			if (audio.size == UNKNOWN && w->long_size > 0)
				audio.size = w->long_size;
			return (take_data(i, w, f, &audio));
		}
		at = next_chunk(i, f, &c, &unpadded);
		if (unpadded)
			importer_note(i, "its WAV header was wrong: a padding "
			    "byte is missing");
	}
	return (importer_refuse(i, audio.at != 0 ? "it has no format" :
	    "no audio in it"));
}

enum result
wav_walk(struct importer *i, struct wav_file *w)
{
	uint8_t	 head[12];

	memset(w, 0, sizeof(*w));
	if (importer_read(i, head, 12, 0) != 12)
		return (importer_refuse(i, "it breaks off in its header"));
	w->riff_end = 8 + read_le(head + 4, 4);
	return (walk_chunks(i, w, head[0] == 'r' ? &wave64 : &riff));
}
