/* Finds the kind of a delivered file by its first bytes, see import.h. */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "media/importer.h"

#define HEAD		64	/* bytes that tell the kind */
#define ID3_HEAD	10

/* Kinds that are refused by name, and the bytes at an offset that tell them. */
static const struct {
	size_t		 at;
	const char	*bytes;
	size_t		 n;
	const char	*name;
} refused[] = {
	{ 28, "OpusHead", 8, "Ogg Opus" },
	{ 28, "\1vorbis", 7, "Ogg Vorbis" },
	{ 28, "\177FLAC", 5, "FLAC in Ogg" },
	{ 28, "Speex ", 6, "Ogg Speex" },
	{ 0, "OggS", 4, "Ogg" },
	{ 0, "RIFX", 4, "WAV in big-endian order (RIFX)" },
	{ 8, "AVI ", 4, "AVI" },
	{ 0, ".snd", 4, "Sun AU" },
	{ 0, "FORM", 4, "AIFF" },
	{ 0, "caff", 4, "CAF" },
	{ 0, "#!AMR-WB", 8, "AMR-WB" },
	{ 0, "#!AMR", 5, "AMR" },
	{ 0, "#!SILK", 6, "SILK" },
	{ 0, "\x1a\x45\xdf\xa3", 4, "Matroska or WebM" },
	{ 4, "ftyp", 4, "MP4 or M4A" },
	{ 0, "\x30\x26\xb2\x75", 4, "Windows Media" },
	{ 0, "Creative Voice File", 19, "VOC" },
	{ 0, "wvpk", 4, "WavPack" },
	{ 0, "NIST_1A", 7, "NIST SPHERE" },
};

/* Endings of files without a header, as Asterisk writes them. */
static const struct {
	const char	*ending;
	const char	*name;
} headerless[] = {
	{ "g722", "G.722" }, { "g723", "G.723.1" }, { "g723sf", "G.723.1" },
	{ "g726-40", "G.726" }, { "g726-32", "G.726" },
	{ "g726-24", "G.726" }, { "g726-16", "G.726" }, { "g729", "G.729" },
	{ "g719", "G.719" }, { "ilbc", "iLBC" }, { "lpc10", "LPC-10" },
	{ "siren7", "G.722.1 (Siren 7)" },
	{ "siren14", "G.722.1 Annex C (Siren 14)" }, { "codec2", "Codec 2" },
	{ "vox", "Dialogic ADPCM" }, { "adpcm", "Dialogic ADPCM" },
	{ "al", "A-law" }, { "alaw", "A-law" }, { "alw", "A-law" },
	{ "ul", "mu-law" }, { "ulaw", "mu-law" }, { "mu", "mu-law" },
	{ "ulw", "mu-law" }, { "pcm", "mu-law or PCM" }, { "raw", "PCM" },
	{ "sln", "PCM (signed linear)" }, { "sln8", "PCM (signed linear)" },
	{ "sln16", "PCM (signed linear)" },
};

static const char *
file_ending(const char *path)
{
	const char	*dot = strrchr(path, '.');

	return (dot == NULL || strchr(dot, '/') != NULL ? "" : dot + 1);
}

/* Returns whether p is the header of an MPEG audio frame: 11 bits of
 * synchronisation, a version, a layer, a bit rate and a rate that exist
 * (ISO/IEC 11172-3, 2.4.2.3). */
static bool
is_mpeg(const uint8_t *p)
{
	return (p[0] == 0xff && (p[1] & 0xe0) == 0xe0 &&
	    (p[1] & 0x18) != 0x08 && (p[1] & 0x06) != 0 &&
	    (p[2] & 0xf0) != 0xf0 && (p[2] & 0x0c) != 0x0c);
}

/* Reads the first bytes after ID3v2 tags (id3.org, "ID3 tag version 2.4.0",
 * 3.1: a size of four times seven bits) and zeros. Returns how many. */
static size_t
read_head(const struct importer *i, uint8_t head[HEAD], bool *tagged)
{
	int64_t	 at = 0;
	size_t	 n;

	for (*tagged = false;; *tagged = true) {
		memset(head, 0, HEAD);
		n = importer_read(i, head, HEAD, at);
		if (n < ID3_HEAD || memcmp(head, "ID3", 3) != 0)
			return (n);
		at += ID3_HEAD + ((int64_t)(head[6] & 0x7f) << 21 |
		    (int64_t)(head[7] & 0x7f) << 14 |
		    (int64_t)(head[8] & 0x7f) << 7 | (head[9] & 0x7f));
		if ((head[5] & 0x10) != 0)	/* a footer */
			at += ID3_HEAD;
	}
}

/* Returns the encoding of files with this ending, or NULL. */
static const char *
headerless_name(const char *ending)
{
	size_t	 k;

	for (k = 0; k < sizeof(headerless) / sizeof(headerless[0]); k++)
		if (strcasecmp(ending, headerless[k].ending) == 0)
			return (headerless[k].name);
	return (NULL);
}

static enum result
refuse_kind(struct importer *i, const uint8_t head[HEAD], const char *ending)
{
	const char	*name;
	size_t		 k;

	for (k = 0; k < sizeof(refused) / sizeof(refused[0]); k++)
		if (memcmp(head + refused[k].at, refused[k].bytes,
		    refused[k].n) == 0)
			return (importer_refuse(i, "it is %s, which is not "
			    "taken: convert it to WAV, FLAC or MP3",
			    refused[k].name));
	if (head[0] == 0xff && (head[1] & 0xf6) == 0xf0)
		return (importer_refuse(i, "it is AAC, which is not taken: "
		    "convert it to WAV, FLAC or MP3"));
	if ((name = headerless_name(ending)) != NULL)
		return (importer_refuse(i, "it is %s without a header, which "
		    "is not taken: convert it to WAV, FLAC or MP3", name));
	return (importer_refuse(i, "neither WAV, FLAC, MP3 nor GSM"));
}

static bool
starts(const uint8_t *head, const char *bytes)
{
	return (memcmp(head, bytes, strlen(bytes)) == 0);
}

static enum result
import_any(struct importer *i, const char *path)
{
	const char	*ending = file_ending(path);
	uint8_t		 head[HEAD];
	bool		 tagged;

	if (i->size == 0)
		return (importer_refuse(i, "it is empty"));
	(void)read_head(i, head, &tagged);
	if ((starts(head, "RIFF") && starts(head + 8, "WAVE")) ||
	    starts(head, "RF64") || starts(head, "BW64") ||
	    starts(head, "riff\x2e\x91\xcf\x11"))
		return (import_wav(i));
	if (starts(head, "fLaC"))
		return (import_flac(i));
	/* samples without a header may begin like a frame of MP3 */
	if (tagged || starts(head, "APETAGEX") ||
	    (is_mpeg(head) && headerless_name(ending) == NULL) ||
	    strcasecmp(ending, "mp3") == 0)
		return (import_mp3(i));
	if (strcasecmp(ending, "gsm") == 0)
		return (import_gsm(i));
	return (refuse_kind(i, head, ending));
}

enum result
import_open(struct import *in, const char *path, int64_t ms)
{
	struct importer	 i = { .in = in, .ms = ms };
	struct stat	 st;
	enum result	 r = INVALID;

	memset(in, 0, sizeof(*in));
	in->fd = -1;
	(void)snprintf(in->path, sizeof(in->path), "%s", path);
	i.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (i.fd == -1 || fstat(i.fd, &st) == -1 || !S_ISREG(st.st_mode))
		(void)importer_refuse(&i, "can't be read, or is not a file");
	else {
		i.size = st.st_size;
		r = import_any(&i, path);
	}
	if (i.out != NULL && fclose(i.out) != 0 && r == OK) {
		(void)importer_refuse(&i, "no room for a copy of it");
		r = FAILED;
	}
	if (i.fd != -1)
		(void)close(i.fd);
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
