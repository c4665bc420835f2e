/*
 * French and English. Sentences in the source code are French; a French
 * sentence is its own key, and templates/en.json has the English one. Dates,
 * durations and numbers are formatted here, because a minimal Debian has no
 * French locale.
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"

enum lang { LANG_FR, LANG_EN };

/* Loads n bytes of en.json. Call it once, before threads start. Returns false
 * when they are not a flat JSON object of strings; the catalogue is then
 * unchanged. */
bool		 words_load(const char *json, size_t n);

/* Loads templates/en.json from the binary. An invalid one ends the process. */
void		 words_start(void);

/* Translates the sentence; returns it unchanged when English is missing. */
const char	*tr(enum lang lang, const char *french);
/* Translates one or many, as the plural rule of the language requires (in
 * French, 0 and 1 are singular), and replaces {n} by the formatted number
 * ("1 234" / "1,234"). */
char		*tr_count(struct arena *a, enum lang lang, int64_t n,
		    const char *one, const char *many);

/* The supported language with the highest weight in Accept-Language (RFC 9110
 * section 12.5.4); French when there is none or header is NULL. */
enum lang	 lang_accept(const char *header);
/* "fr" / "en". */
const char	*lang_tag(enum lang lang);
/* Stores the language of a tag. Returns false for other text and NULL. */
bool		 lang_of_tag(const char *tag, enum lang *lang);

/* "30/07, 17:14" / "30 Jul, 17:14", with the year unless it is that of now. */
char	*words_date_short(struct arena *a, enum lang l, struct civil when,
	    struct civil now);
/* "jeudi 30 juillet 2026 à 17:14" / "Thursday 30 July 2026 at 17:14". */
char	*words_date_long(struct arena *a, enum lang l, struct civil when);
/* "30 août" or "1er août" / "30 August". */
char	*words_day(struct arena *a, enum lang l, struct civil when);
/* "01:02", or "1:01:02" from one hour on. Seconds are rounded down. */
char	*words_duration(struct arena *a, int64_t ms);
/* "1 minute 23" / "1 hour 2 minutes 3", for screen readers. */
char	*words_duration_spoken(struct arena *a, enum lang l, int64_t ms);
/* First letters of the first and the last word, in upper case if they are in
 * Latin-1: "JB" for "Julien Breton". Returns NULL when neither word begins
 * with a letter. */
char	*words_initials(struct arena *a, const char *name);
/* "12 345" with U+202F / "12,345". */
char	*words_number(struct arena *a, enum lang l, int64_t n);
/* Formats an E.164 number. Numbers of France, Reunion, Guadeloupe, Guiana and
 * Martinique get their national form: +33613241088 → "06 13 24 10 88". Others
 * are grouped by three digits after the country code. Other text is returned
 * unchanged. */
char	*words_phone(struct arena *a, const char *e164);

#endif
