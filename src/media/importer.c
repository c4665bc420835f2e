/* Writes the WAV that an import makes, see importer.h. */
#include <endian.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/temporary.h"
#include "media/importer.h"
#include "media/mp3.h"

#define HEADER_BYTES	44
#define WAV_MAX		INT64_C(0xf0000000)	/* bytes; RIFF counts 32 bits */

enum result
importer_refuse(struct importer *i, const char *format, ...)
{
	va_list	 args;

	va_start(args, format);
	(void)vsnprintf(i->in->why, sizeof(i->in->why), format, args);
	va_end(args);
	return (INVALID);
}

void
importer_note(struct importer *i, const char *format, ...)
{
	char	*notes = i->in->notes;
	size_t	 n = strlen(notes);
	va_list	 args;

	if (n > 0)
		n += (size_t)snprintf(notes + n, IMPORT_TEXT - n, "; ");
	if (n >= IMPORT_TEXT)
		return;
	va_start(args, format);
	(void)vsnprintf(notes + n, IMPORT_TEXT - n, format, args);
	va_end(args);
}

size_t
importer_read(const struct importer *i, void *buf, size_t n, int64_t offset)
{
	size_t	 got = 0;
	ssize_t	 r = 1;

	while (got < n && r > 0)
		if ((r = pread(i->fd, (char *)buf + got, n - got,
		    offset + (int64_t)got)) > 0)
			got += (size_t)r;
	return (got);
}

static int
frame_bytes(const struct importer *i)
{
	return (i->channels * (i->tag == WAV_TAG_PCM ? 2 : 1));
}

double
importer_seconds(const struct importer *i)
{
	return ((double)(i->bytes / frame_bytes(i)) / i->rate);
}

static enum result
importer_no_room(struct importer *i)
{
	(void)importer_refuse(i, "no room for a copy of it");
	return (FAILED);
}

/* Writes a RIFF header with a fmt chunk of 16 bytes. */
static enum result
put_header(struct importer *i)
{
	uint8_t		 head[HEADER_BYTES] = "RIFF....WAVEfmt \20";
	unsigned	 frame = (unsigned)frame_bytes(i);
	unsigned	 bits = i->tag == WAV_TAG_PCM ? 16 : 8;
	uint16_t	 halves[2] = { htole16((uint16_t)i->tag),
			    htole16((uint16_t)i->channels) };
	uint16_t	 widths[2] = { htole16((uint16_t)frame),
			    htole16((uint16_t)bits) };
	uint32_t	 rates[2] = { htole32((uint32_t)i->rate),
			    htole32((uint32_t)i->rate * frame) };
	uint32_t	 bytes = htole32((uint32_t)i->bytes);
	uint32_t	 riff = htole32((uint32_t)(HEADER_BYTES - 8 +
			    i->bytes + (i->bytes & 1)));

	memcpy(head + 4, &riff, 4);
	memcpy(head + 20, halves, 4);
	memcpy(head + 24, rates, 8);
	memcpy(head + 32, widths, 4);
	memcpy(head + 36, "data", 4);
	memcpy(head + 40, &bytes, 4);
	return (fwrite(head, sizeof(head), 1, i->out) == 1 ? OK :
	    importer_no_room(i));
}

enum result
importer_begin(struct importer *i, unsigned tag, long rate, int channels)
{
	const char	*dir = getenv("TMPDIR");
	int		 copy;

	if (rate != 8000 && rate != 16000)
		return (importer_refuse(i, "its rate is neither 8 nor 16 kHz: "
		    "convert it first (it has %ld Hz)", rate));
	if (channels != 1 && channels != 2)
		return (importer_refuse(i, "it has more than two channels "
		    "(%d)", channels));
	i->tag = tag;
	i->rate = (int)rate;
	i->channels = channels;
	i->in->fd = temporary_open(dir == NULL ? "/tmp" : dir);
	if (i->in->fd == -1 || (copy = dup(i->in->fd)) == -1)
		return (importer_no_room(i));
	if ((i->out = fdopen(copy, "wb")) == NULL) {
		(void)close(copy);
		return (importer_no_room(i));
	}
	(void)snprintf(i->in->path, sizeof(i->in->path), "/proc/self/fd/%d",
	    i->in->fd);
	return (put_header(i));
}

enum result
importer_write(struct importer *i, const void *bytes, size_t n)
{
	i->bytes += (int64_t)n;
	if (i->bytes > WAV_MAX ||
	    i->bytes / frame_bytes(i) > MP3_SAMPLES_MAX)
		return (importer_refuse(i, "it is too long"));
	return (fwrite(bytes, 1, n, i->out) == n ? OK : importer_no_room(i));
}

enum result
importer_end(struct importer *i)
{
	if (i->bytes < frame_bytes(i))
		return (importer_refuse(i, "it has no audio"));
	if ((i->bytes & 1) != 0 && fputc(0, i->out) == EOF)
		return (importer_no_room(i));
	if (fflush(i->out) != 0 || fseeko(i->out, 0, SEEK_SET) != 0)
		return (importer_no_room(i));
	return (put_header(i));
}
