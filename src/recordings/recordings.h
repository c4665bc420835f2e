/*
 * Recordings: find, read, hear. The only header of this feature that others
 * include.
 */
#ifndef RECORDINGS_RECORDINGS_H
#define RECORDINGS_RECORDINGS_H

#include "base/settings.h"
#include "recordings/selection.h"
#include "server/context.h"

/* Handlers, see src/routes.c. */
void	recordings_list(struct ctx *);
void	recording_get(struct ctx *);
void	recording_audio(struct ctx *);
void	deletion_count(struct ctx *);
void	deletion_create(struct ctx *);
void	deletion_show(struct ctx *);
void	recording_peaks(struct ctx *);
void	recordings_events(struct ctx *);
void	recording_transcript(struct ctx *);
void	recording_archive(struct ctx *);

/* Once in each worker: opens the store and the cache of what is made from
 * sounds. */
void	recordings_start(void);
/* Once in each worker: asks what has arrived, while somebody listens. */
void	recordings_events_start(void);

/* What the pages show of a list and of one recording (present.c). */
json_t	*present_list(const struct view *, json_t *model);
json_t	*present_detail(const struct view *, json_t *model);
/* A deletion to be confirmed, and its receipt (present_deletion.c). */
json_t	*present_deletion_confirm(const struct view *, json_t *model);
json_t	*present_deletion(const struct view *, json_t *model);

/* --- one recording for other features (describe.c), on any thread ------ */

/* Its parties, mood, subject… as pages show them; owned by the caller. item:
 * what recording_item() says. */
json_t	*recording_words(const struct view *, const json_t *item);
/* What it is about, in no language: the title of its MP3. */
const char *recording_title(struct arena *, const json_t *item);
/* When it began, on the clock of its site. */
struct civil recording_when(const struct view *, const json_t *item);
/* What its files are called; ending: ".mp3". */
char	*recording_filename(struct arena *, const struct view *,
	    const json_t *item, const char *ending);
/* Its transcript, malloc'd; model: what detail.sql says, fonts: a folder. */
enum result recording_pdf(const struct view *, const json_t *model,
	    const char *fonts, uint8_t **bytes, size_t *n);

/* `smartrecord ingest FOLDER`: the pipeline's reference client. */
int	 command_ingest(const struct settings *, int argc, char **argv);

#endif
