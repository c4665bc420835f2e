/*
 * Makes the header of an MP3 file. First an ID3v2.4 tag (id3.org, "ID3 tag
 * version 2.4.0") with title and date, padded to a fixed size, so that the
 * offsets of frames do not depend on the title. Then the Info frame, a silent
 * frame with the number of frames and bytes, a seek table, and the numbers of
 * samples to drop at both ends. It is a Xing header with LAME's extension ("Mp3
 * Info Tag rev 1") in a frame of ISO/IEC 13818-3. The counts and offsets of
 * Xing do not include the ID3 tag.
 */
#include <string.h>

#include "base/clock.h"
#include "media/mp3.h"

#define ID3_HEAD	10	/* header of the tag and of its frames */
#define ID3_UTF8	3
#define FRAME_HEAD	4
#define TAG_BYTES	156	/* Info 120, LAME 36 */
#define HAS_ALL		0x0f	/* frames, bytes, seek table, quality */

/* Bit rates of MPEG-2 layer III, kbit/s (ISO/IEC 13818-3, 2.4.2.3). */
static const int	 bit_rates[] = { 0, 8, 16, 24, 32, 40, 48, 56, 64, 80,
    96, 112, 128, 144, 160 };

static int
side_info_bytes(const struct mp3 *m)
{
	return (m->channels == 1 ? 9 : 17);
}

static int
frame_bytes(const struct mp3 *m, int index)
{
	return (m->frame_samples / 8 * bit_rates[index] * 1000 / m->rate);
}

/* Index of the lowest bit rate whose frames are large enough for the tag. */
static int
rate_index(const struct mp3 *m)
{
	int	 i, need;

	need = FRAME_HEAD + side_info_bytes(m) + TAG_BYTES;
	for (i = 1; frame_bytes(m, i) < need; i++)
		continue;
	return (i);
}

int
mp3_header_bytes(const struct mp3 *m)
{
	return (MP3_TAG_BYTES + frame_bytes(m, rate_index(m)));
}

static uint8_t *
put_number(uint8_t *p, int64_t value, int bytes)
{
	int	 i;

	for (i = bytes - 1; i >= 0; i--)
		*p++ = (uint8_t)(value >> (8 * i));
	return (p);
}

/* Writes the frame header: MPEG 2 (16 kHz) or 2.5 (8 kHz), layer III, no CRC.
 * Both rates have index 2 in their version. "Original" is set, as in LAME. */
static uint8_t *
put_frame_head(uint8_t *p, const struct mp3 *m)
{
	p = put_number(p, m->rate < 16000 ? 0xffe3 : 0xfff3, 2);
	p = put_number(p, rate_index(m) << 4 | 2 << 2, 1);
	p = put_number(p, m->channels == 1 ? 0xc4 : 0x04, 1);
	return (p + side_info_bytes(m));
}

/* Bytes of the file without the ID3 tag. */
static int64_t
stream_bytes(const struct mp3 *m)
{
	return (m->length - MP3_TAG_BYTES);
}

/* Writes the seek table: entry k is the position of k % of the duration, in
 * 256ths of all bytes. */
static uint8_t *
put_seek_table(uint8_t *p, const struct mp3 *m)
{
	int64_t	 at, all, sound;
	int	 k;

	all = stream_bytes(m);
	sound = m->length - m->header_bytes;
	for (k = 0; k < 100; k++) {
		at = (all - sound + sound * k / 100) * 256 / all;
		p = put_number(p, at < 255 ? at : 255, 1);
	}
	return (p);
}

/* CRC-16 of LAME's tag (polynomial 0x8005, reflected). */
static unsigned
crc16(const uint8_t *p, const uint8_t *end)
{
	unsigned	 crc;
	int		 bit;

	for (crc = 0; p < end; p++) {
		crc ^= *p;
		for (bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1;
	}
	return (crc);
}

/* Writes LAME's 36 bytes: encoder, method (CBR), gains (unknown), bit rate,
 * delay and padding of 12 bits each, length, CRC of the audio (none), CRC of
 * the tag. */
static void
put_lame(uint8_t *p, const struct mp3 *m, const uint8_t *start)
{
	int64_t	 padding;

	padding = m->frames * m->frame_samples - m->samples -
	    MP3_ENCODER_DELAY;
	memcpy(p, "LAME3.100", 9);
	p = put_number(p + 9, 1, 1) + 10;
	p = put_number(p, m->kbps, 1);
	p = put_number(p, MP3_ENCODER_DELAY << 12 | padding, 3);
	p = put_number(p + 4, stream_bytes(m), 4) + 2;
	(void)put_number(p, crc16(start, p), 2);
}

/* Writes a size in four bytes of seven bits ("synchsafe" in ID3v2.4), which no
 * decoder takes for the start of a frame. */
static uint8_t *
put_synchsafe(uint8_t *p, size_t n)
{
	int	 i;

	for (i = 3; i >= 0; i--)
		*p++ = (uint8_t)(n >> (7 * i) & 0x7f);
	return (p);
}

/* Length of the longest prefix of whole characters with at most max bytes. */
static size_t
fitting(const char *text, size_t max)
{
	size_t	 n;

	n = strlen(text);
	if (n <= max)
		return (n);
	for (n = max; ((unsigned char)text[n] & 0xc0) == 0x80; n--)
		continue;
	return (n);
}

/* Writes an ID3 text frame of at most room bytes; truncates the text. */
static uint8_t *
put_id3_text(uint8_t *p, const char *id, const char *text, size_t room)
{
	size_t	 n;

	n = fitting(text, room - ID3_HEAD - 1);
	memcpy(p, id, 4);
	p = put_synchsafe(p + 4, n + 1);
	p[2] = ID3_UTF8;
	memcpy(p + 3, text, n);
	return (p + 3 + n);
}

/* Writes the ID3 tag. The rest of its bytes, already zero, is padding. The date
 * is in UTC, as ID3 requires. */
static void
put_id3(uint8_t *p, const char *title, int64_t started_ms)
{
	uint8_t	*end = p + MP3_TAG_BYTES;
	char	 date[25];

	clock_format_utc(started_ms, date);
	date[19] = '\0';
	memcpy(p, "ID3\4\0\0", 6);
	p = put_synchsafe(p + 6, MP3_TAG_BYTES - ID3_HEAD);
	p = put_id3_text(p, "TDRC", date, (size_t)(end - p));
	(void)put_id3_text(p, "TIT2", title, (size_t)(end - p));
}

static void
put_info(uint8_t *out, const struct mp3 *m)
{
	uint8_t	*p;

	p = put_frame_head(out, m);
	memcpy(p, "Info", 4);
	p = put_number(p + 4, HAS_ALL, 4);
	p = put_number(p, m->frames, 4);
	p = put_number(p, stream_bytes(m), 4);
	p = put_seek_table(p, m);
	p = put_number(p, 50, 4);
	put_lame(p, m, out);
}

void
mp3_header(const struct mp3 *m, const char *title, int64_t started_ms,
    uint8_t *out)
{
	memset(out, 0, (size_t)m->header_bytes);
	put_id3(out, title, started_ms);
	put_info(out + MP3_TAG_BYTES, m);
}
