/*
 * Reads recorded audio in the store at any position, as 16-bit samples. The
 * format is WAV with PCM16, A-law or mu-law (ITU-T G.711), 8 or 16 kHz, mono or
 * stereo. Only one thread at a time may use a source.
 */
#ifndef MEDIA_SOURCE_H
#define MEDIA_SOURCE_H

#include <stdint.h>

#include "base/result.h"
#include "store/store.h"

enum source_format { SOURCE_PCM16, SOURCE_ALAW, SOURCE_ULAW };

struct source_info {
	enum source_format	format;
	int			rate;		/* 8000 or 16000 */
	int			channels;	/* 1 or 2; left = caller */
	int64_t			samples;	/* per channel */
	int64_t			data_offset;	/* of the first sample */
};

struct source {
	struct store_object	object;
	struct source_info	info;
};

/* "pcm16", "alaw", "ulaw". */
const char	*source_format_name(enum source_format f);

/* Opens an object and reads its header. Errors: DAMAGED (not a WAV of these
 * formats, or its data is shorter than its header says); NOT_FOUND,
 * UNAVAILABLE, INVALID and FAILED as of the store. *why is then a static
 * sentence for the log. The caller calls source_close(). */
enum result	 source_open(struct source *s, const struct store *store,
		    const char *key, const char **why);
/* Like source_open(), and DAMAGED when the format is not that of as. */
enum result	 source_open_as(struct source *s, const struct store *store,
		    const char *key, const struct source_info *as,
		    const char **why);
/* Reads frames of interleaved samples from position on; samples outside the
 * call are 0. Reads the store once and returns its errors; out is then
 * undefined. */
enum result	 source_read(const struct source *s, int64_t position,
		    int frames, int16_t *out);
/* Reads frames > 0 frames, all inside the call, without decoding. */
enum result	 source_read_raw(const struct source *s, int64_t position,
		    size_t frames, void *out);
/* Format tag of a fmt chunk of n >= 16 bytes; if it is extensible, the tag in
 * its sub-format GUID (xxxx0000-0000-0010-8000-00aa00389b71). Returns 0 when
 * unknown. */
unsigned	 source_format_tag(const uint8_t *p, size_t n);
/* Bytes of a frame, which has one sample of each channel. */
size_t		 source_frame_bytes(const struct source_info *info);
void		 source_close(struct source *s);

#endif
