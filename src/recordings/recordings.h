/*
 * Recordings: search, read, play, download, ingest. The only header of this
 * folder that other features include.
 */
#ifndef RECORDINGS_RECORDINGS_H
#define RECORDINGS_RECORDINGS_H

#include "base/options.h"
#include "server/context.h"

/* Handlers, see src/routes.c. */
void	recordings_list(struct ctx *);
void	recordings_per_day(struct ctx *);
void	recording_get(struct ctx *);
void	recording_audio(struct ctx *);
void	recording_peaks(struct ctx *);
void	recordings_events(struct ctx *);
void	recording_transcript(struct ctx *);
void	recording_archive(struct ctx *);

/*
 * Opens the store and the cache of encoded audio, once in each worker. Ends the
 * process without a store; works without a cache.
 */
void	recordings_start(void);
/*
 * For processes that stay (store_ready.c). Returns false when the store is
 * wrong: its setting, an absent folder, or one that the user ("": this one) may
 * not read, or not write when write is true. *why is then a sentence that the
 * caller frees. A store that does not answer is logged and no error.
 */
bool	store_fits(const struct settings *, const char *user, bool write,
	    char **why);
/* Starts the queries for what has arrived, once in each worker. */
void	recordings_events_start(void);

/*
 * The values of the pages of a list and of one recording (present.c), owned by
 * the caller; the model is borrowed.
 */
json_t	*present_list(const struct view *, json_t *model);
json_t	*present_detail(const struct view *, json_t *model);

/* --- many recordings for other features (choose.c) --------------------- */

/*
 * Returns the request's selection as recordings_selected() takes it, JSON text
 * in the arena; NULL after a reply of 400. A selection with the scope "own"
 * narrows c->scope to the person's own calls.
 */
const char *selection_of_request(struct ctx *);

/* --- one recording for other features (describe.c), on any thread ------ */

/* item: from recording_item(). */
/* Returns the texts of its parties, mood, subject…, owned by the caller. */
json_t	*recording_words(const struct view *, json_t *item);
/* Returns its subject, else its caller: the title of its MP3. */
const char *recording_title(struct arena *, const json_t *item);
/* Returns its start in its site's time zone. */
struct civil recording_when(const struct view *, const json_t *item);
/* Returns the name of its file, in the arena; ending: ".mp3". */
char	*recording_filename(struct arena *, const struct view *,
	    const json_t *item, const char *ending);
/*
 * Makes its transcript: *bytes is malloc'd, *n its length. model is that of
 * detail.sql, fonts the folder of the fonts. Returns the result of
 * transcript_pdf().
 */
enum result recording_pdf(const struct view *, json_t *model,
	    const char *fonts, uint8_t **bytes, size_t *n);

/* `smartrecord ingest FOLDER`; returns the exit status, 1 if any is refused. */
int	 command_ingest(const struct settings *, int argc, char **argv);
/* `smartrecord site retention`; returns the exit status. */
int	 site_retention(const struct settings *, const struct verb *, int argc,
	    char **argv);

#endif
