/*
 * Moods and directions of calls, with their names for people. The only list of
 * moods in C; a test compares it with recording_moods().
 */
#ifndef RECORDINGS_CALL_WORDS_H
#define RECORDINGS_CALL_WORDS_H

#include "base/words.h"

struct mood {
	const char	*key;
	const char	*word;		/* in French, for tr() */
	const char	*family;	/* a colour family of app.css */
};

/* The eleven moods in the order of the filter; ends with a NULL key. */
extern const struct mood	 moods[];
/* Returns the mood with the key, or NULL. The key may be NULL. */
const struct mood		*mood_find(const char *key);
/* Returns the mood's name in a language; NULL for an unknown key. */
const char			*mood_word(enum lang, const char *key);

/* "inbound", "outbound", "internal"; ends with NULL. */
extern const char *const	 direction_keys[];
/* Returns the direction's name in a language; NULL for an unknown key. */
const char			*direction_word(enum lang, const char *key);

#endif
