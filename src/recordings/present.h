/*
 * The values of the pages of recordings, made from the models that the API
 * sends: texts, links, dates. present.c combines these pieces into the two
 * pages. Pure: no database, no request. Texts live in the page's arena or the
 * model.
 */
#ifndef RECORDINGS_PRESENT_H
#define RECORDINGS_PRESENT_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "recordings/call_words.h"
#include "server/context.h"
#include "server/model.h"

/* One page being made. */
struct page {
	const struct view	*view;
	struct arena		*arena;		/* freed after the page */
	bool			 several_sites;	/* rows show their site */
};

/* --- small texts (present_call.c) --------------------------------------- */

/* Returns the French sentence translated, its {} replaced by value. */
char	*sentence(const struct page *, const char *french, const char *value);
/* Returns milliseconds as seconds, for attributes and #t=: "83.42", "83". */
char	*seconds(struct arena *, int64_t ms);
/* Returns {key, word, family} of a mood; JSON null for an unknown key. */
json_t	*present_mood(const struct page *, const char *key);

/* --- one call (present_call.c) ------------------------------------------ */

/*
 * Returns the values that list and detail share: parties, subject, mood, dates,
 * duration, expiry, audio, files. The caller owns it.
 */
json_t	*present_call(const struct page *, json_t *item);

/* Returns {format, delivered}, words for the stored audio and for the file as
 * it was delivered; JSON null without audio. The caller owns it. */
json_t	*present_audio(const struct page *, const json_t *item);

/* Returns the time zone of the call's site, else the person's, else UTC. */
const struct zone *present_zone(const struct page *, const json_t *item);

/* --- files (present_file.c) ---------------------------------------------- */

/* Returns the call's subject, else its caller; the same in all languages. */
const char *present_title(struct arena *, const json_t *item);
/* Returns the call's start in its site's time zone. */
struct civil present_when(const struct page *, const json_t *item);
/* Returns "2026-07-30 17h14 - 06 13 24 10 88 - Ursule Nadal - Facture.mp3". */
char	*present_filename(const struct page *, const json_t *item,
	    const char *ending);
/*
 * Returns the pause at *next and increments *next if that pause begins at or
 * before until_ms of the call; else returns NULL.
 */
const json_t *pause_until(const json_t *pauses, size_t *next,
	    int64_t until_ms);
/*
 * Sets the texts of a transcript from the model of detail.sql; they are in the
 * page's arena or borrowed from the model.
 */
struct transcript;
void	 present_document(const struct page *, json_t *model,
	    struct transcript *out);

/* --- links (present_link.c) --------------------------------------------- */

enum link_keep {
	LINK_DATES = 1,	/* from, to */
	LINK_AFTER = 2	/* the page of the list */
};

/*
 * Begins a link: path with the query's filters that are not empty,
 * percent-encoded; dates and page only if keep says so. The buffer is for
 * link_add() and link_end().
 */
struct buf link_filters(const struct page *, const char *path, unsigned keep);
void	 link_add(struct buf *, const char *name, const char *value);
/* Returns the link in the arena and disposes of the buffer. */
char	*link_end(struct buf *, struct arena *);
/*
 * Returns path with all filters except this value of name, in the arena.
 * Without one date it also leaves out the other.
 */
char	*link_without(const struct page *, const char *path,
	    const char *name, const char *value);
/* Returns true when the query's parameter i is a filter and not empty. */
bool	 link_is_filter(const struct params *query, size_t i);
/*
 * Returns true when the list is of words that begin with the last word of q,
 * and the query does not say so.
 */
bool	 link_completes(const struct page *, const json_t *model);
/* Returns how many filters the query sets; the page of the list is none. */
unsigned links_count(const struct params *query);

/* --- the filter form (present_filters.c) -------------------------------- */

/* Adds the form's labels, choices and presets to the page. */
void	 present_filters(const struct page *, const json_t *model,
	    json_t *out);
/* Returns the form's text for a duration in milliseconds: "30 s", "5 min". */
const char *length_words(const struct page *, const char *ms);

/* --- the active filters (present_chips.c) ------------------------------- */

/*
 * Adds each active filter as a text and the link without it. Must follow
 * present_filters().
 */
void	 present_chips(const struct page *, const json_t *model, json_t *out);

/* --- the search box (present_understood.c) -------------------------------- */

/* Adds how the searched text was understood, if there is one. */
void	 present_understood(const struct page *, const json_t *model,
	    json_t *out);

/* --- selecting many (present_selection.c) --------------------------------- */

/* Adds the hidden fields and labels of the form around the checkboxes. */
void	 present_selection(const struct page *, const json_t *model,
	    json_t *out);

#endif
