/*
 * Recorded audio as 16-bit samples at any position: WAV with PCM16, A-law or
 * mu-law, 8 or 16 kHz, mono or stereo (RIFF; ITU-T G.711), read in place.
 * A handle belongs to one thread at a time.
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
	int64_t			samples;	/* a channel */
	int64_t			data_offset;	/* of the first sample's byte */
};

struct source {
	struct store_object	object;
	struct source_info	info;
};

/* "pcm16", "alaw", "ulaw". */
const char	*source_format_name(enum source_format f);

/* Opens and reads the header. DAMAGED: not a WAV of the kinds above, or its
 * data is shorter than its header says. NOT_FOUND, UNAVAILABLE, INVALID and
 * FAILED as the store says. *why is then a static sentence for the log. */
enum result	 source_open(struct source *s, const struct store *store,
		    const char *key, const char **why);
/* The same for a sound that is known; DAMAGED also when it is another one. */
enum result	 source_open_as(struct source *s, const struct store *store,
		    const char *key, const struct source_info *as,
		    const char **why);
/* frames interleaved samples from position; zero outside the call. One read
 * of the store. On an error out holds anything. */
enum result	 source_read(const struct source *s, int64_t position,
		    int frames, int16_t *out);
/* The same without decoding: frames > 0 of them, all inside the call, as the
 * bytes they are in the file. */
enum result	 source_read_raw(const struct source *s, int64_t position,
		    size_t frames, void *out);
/* Bytes of a frame: a sample of each channel. */
size_t		 source_frame_bytes(const struct source_info *info);
void		 source_close(struct source *s);

#endif
