/*
 * What pages show of recordings, made from what the API answers: words,
 * links, dates. The pieces that present.c puts together into the two pages.
 * Pure: no database, no request. Texts live in the page's arena or the JSON.
 */
#ifndef RECORDINGS_PRESENT_H
#define RECORDINGS_PRESENT_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "server/context.h"
#include "server/model.h"

/* One page in the making. */
struct page {
	const struct view	*view;
	struct arena		*arena;		/* dies when the page is made */
	bool			 several_sites;	/* rows name theirs */
};

/* --- small words (present_call.c) --------------------------------------- */

/* French sentence in the page's language, its {} replaced by value. */
char	*sentence(const struct page *, const char *french, const char *value);
/* Milliseconds as seconds for attributes and #t=: "83.42", "83". */
char	*seconds(struct arena *, int64_t ms);
/* Word and colour family of a mood's key; NULL: no such mood. */
const char *mood_word(enum lang, const char *key);
/* {key, word, family} of a mood's key; null when there is none. */
json_t	*present_mood(const struct page *, const char *key);
/* The eleven moods' keys in the guide's order; ends with NULL. */
extern const char *const mood_keys[];
/* Calls go in, out or between colleagues; ends with NULL. */
extern const char *const direction_keys[];
const char *direction_word(enum lang, const char *key);

/* --- one call (present_call.c) ------------------------------------------ */

/* What list and detail say alike: parties, subject, mood, dates, duration,
 * expiry, sound. */
json_t	*present_call(const struct page *, const json_t *item);

/* The zone whose clock tells the call's times: its site's. */
const struct zone *present_zone(const struct page *, const json_t *item);

/* --- files (present_file.c) ---------------------------------------------- */

/* What the call is about, the same in each language: its subject, else who
 * called. */
const char *present_title(struct arena *, const json_t *item);
/* When it began, on the clock of its site. */
struct civil present_when(const struct page *, const json_t *item);
/* "2026-07-30 17h14 - 06 13 24 10 88 - Ursule Nadal - Facture.mp3". */
char	*present_filename(const struct page *, const json_t *item,
	    const char *ending);
/* The texts of a transcript, from what detail.sql answers: in the page's
 * arena, or borrowed from the model. */
struct transcript;
void	 present_document(const struct page *, const json_t *model,
	    struct transcript *out);

/* --- links (present_link.c) --------------------------------------------- */

enum link_keep {
	LINK_DATES = 1,	/* from, to */
	LINK_AFTER = 2	/* the page of the list */
};

/* path?… of the query's filters that say something, percent-encoded; dates
 * and page only when asked for. The buffer is for link_add, link_end. */
struct buf link_filters(const struct page *, const char *path, unsigned keep);
void	 link_add(struct buf *, const char *name, const char *value);
/* The link in the arena; the buffer is empty again. */
char	*link_end(struct buf *, struct arena *);
/* path?… of all filters but this value of the name; a date takes the other
 * with it. In the arena. */
char	*link_without(const struct page *, const char *path,
	    const char *name, const char *value);
/* Is the query's member a filter that says something? */
bool	 link_is_filter(const struct params *query, size_t i);
/* How many filters the query sets (the page of the list is none). */
unsigned links_count(const struct params *query);
/* Does the query hold this value among those of the name? */
bool	 query_has(const struct params *query, const char *name,
	    const char *value);

/* --- the filter form (present_filters.c) -------------------------------- */

/* Adds the form's labels, choices, presets to the page. */
void	 present_filters(const struct page *, const json_t *model,
	    json_t *out);
/* A duration in milliseconds as the form calls it: "30 s", "5 min". */
const char *length_words(const struct page *, const char *ms);

/* --- the filters in force (present_chips.c) ----------------------------- */

/* Adds each in words, with the link without it; after present_filters(). */
void	 present_chips(const struct page *, const json_t *model, json_t *out);

/* --- choosing many (present_selection.c) ---------------------------------- */

/* Adds what the form around the boxes needs, where there is one. */
void	 present_selection(const struct page *, const json_t *model,
	    json_t *out);

#endif
