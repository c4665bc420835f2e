/*
 * The Info frame in front of an MP3: a silent frame that tells players the
 * number of frames and bytes, where each hundredth begins, and how many
 * samples to drop at both ends. Layout: Xing's header with LAME's extension
 * ("Mp3 Info Tag rev 1"), inside a frame of ISO/IEC 13818-3.
 */
#include <string.h>

#include "media/mp3.h"

#define FRAME_HEAD	4
#define TAG_BYTES	156	/* Info 120, LAME 36 */
#define HAS_ALL		0x0f	/* frames, bytes, seek table, quality */

/* Bit rates of MPEG-2 layer III by index, kbit/s (13818-3, 2.4.2.3). */
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

/* The lowest bit rate whose frame has room for the tag. */
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
	return (frame_bytes(m, rate_index(m)));
}

static uint8_t *
put(uint8_t *p, int64_t value, int bytes)
{
	int	 i;

	for (i = bytes - 1; i >= 0; i--)
		*p++ = (uint8_t)(value >> (8 * i));
	return (p);
}

/* Frame header: MPEG 2 (16 kHz) or 2.5 (8 kHz), layer III, no CRC; both
 * rates have index 2 in their version. "Original" is set, as by lame. */
static uint8_t *
put_frame_head(uint8_t *p, const struct mp3 *m)
{
	p = put(p, m->rate < 16000 ? 0xffe3 : 0xfff3, 2);
	p = put(p, rate_index(m) << 4 | 2 << 2, 1);
	p = put(p, m->channels == 1 ? 0xc4 : 0x04, 1);
	return (p + side_info_bytes(m));
}

/* Entry k: where k % of the time begins, in 256ths of all bytes. */
static uint8_t *
put_seek_table(uint8_t *p, const struct mp3 *m)
{
	int64_t	 at, sound;
	int	 k;

	sound = m->length - m->header_bytes;
	for (k = 0; k < 100; k++) {
		at = (m->header_bytes + sound * k / 100) * 256 / m->length;
		p = put(p, at < 255 ? at : 255, 1);
	}
	return (p);
}

/* CRC-16 (polynomial 0x8005, reflected), as LAME's tag wants it. */
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

/* 36 bytes: encoder, method (CBR), gains unknown, bit rate, delay and
 * padding of 12 bits each, length, CRCs of the music (none) and of the tag. */
static void
put_lame(uint8_t *p, const struct mp3 *m, const uint8_t *start)
{
	int64_t	 padding;

	padding = m->frames * m->frame_samples - m->samples -
	    MP3_ENCODER_DELAY;
	memcpy(p, "LAME3.100", 9);
	p = put(p + 9, 1, 1) + 10;
	p = put(p, m->kbps, 1);
	p = put(p, MP3_ENCODER_DELAY << 12 | padding, 3);
	p = put(p + 4, m->length, 4) + 2;
	(void)put(p, crc16(start, p), 2);
}

void
mp3_header(const struct mp3 *m, uint8_t *out)
{
	uint8_t	*p;

	memset(out, 0, (size_t)m->header_bytes);
	p = put_frame_head(out, m);
	memcpy(p, "Info", 4);
	p = put(p + 4, HAS_ALL, 4);
	p = put(p, m->frames, 4);
	p = put(p, m->length, 4);
	p = put_seek_table(p, m);
	p = put(p, 50, 4);
	put_lame(p, m, out);
}
