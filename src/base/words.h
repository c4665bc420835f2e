/*
 * French and English. The sources speak French: a French sentence is its own
 * key, and templates/en.json gives the English one. Dates, durations and
 * numbers are put in words here, since a bare Debian has no French locale.
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"

enum lang { LANG_FR, LANG_EN };

/* Loads en.json's bytes. Call once at start, before threads. false: not one
 * flat JSON object of texts; the catalogue is then as it was. */
bool		 words_load(const char *json, size_t n);

/* The sentence in the language; French itself when English is missing. */
const char	*tr(enum lang lang, const char *french);
/* one or many by French/English rules (French: 0 and 1 singular), {n}
 * replaced by the number in the language's form ("1 234" / "1,234"). */
char		*tr_count(struct arena *a, enum lang lang, int64_t n,
		    const char *one, const char *many);

/* First supported language of Accept-Language (RFC 9110 12.5.4), by weight;
 * French when none is. NULL header: French. */
enum lang	 lang_accept(const char *header);
/* "fr" / "en". */
const char	*lang_tag(enum lang lang);
/* The other way, into *lang; false for any other text, or NULL. */
bool		 lang_of_tag(const char *tag, enum lang *lang);

/* "30/07, 17:14" ("30 Jul, 17:14"); with the year when not this year's. */
char	*words_date_short(struct arena *a, enum lang l, struct civil when,
	    struct civil now);
/* "jeudi 30 juillet 2026 à 17:14" / "Thursday 30 July 2026 at 17:14". */
char	*words_date_long(struct arena *a, enum lang l, struct civil when);
/* "30 août" / "30 August": a day without year; "le 1er août" rule kept. */
char	*words_day(struct arena *a, enum lang l, struct civil when);
/* "01:02", from an hour on "1:01:02". Floor of the seconds. */
char	*words_duration(struct arena *a, int64_t ms);
/* "1 minute 23" / "1 hour 2 minutes 3": to be spoken. */
char	*words_duration_spoken(struct arena *a, enum lang l, int64_t ms);
/* "12 345" with U+202F, "12,345". */
char	*words_number(struct arena *a, enum lang l, int64_t n);
/* E.164 French numbers the national way: +33613241088 → "06 13 24 10 88";
 * so are those of Reunion, Guadeloupe, Guiana and Martinique. Others are
 * grouped by threes after the country code; no E.164: as it is. */
char	*words_phone(struct arena *a, const char *e164);

#endif
