/*
 * What other features need of one recording: its texts, file names, transcript.
 * Uses the pieces of the pages, see present.h. May run on any thread.
 */
#include <string.h>

#include "media/transcript_pdf.h"
#include "recordings/present.h"
#include "recordings/recordings.h"

json_t *
recording_words(const struct view *v, json_t *item)
{
	struct arena	 arena = { NULL };
	struct page	 p = { v, &arena, true };
	json_t		*words = present_call(&p, item);

	arena_dispose(&arena);
	return (words);
}

const char *
recording_title(struct arena *a, const json_t *item)
{
	return (present_title(a, item));
}

struct civil
recording_when(const struct view *v, const json_t *item)
{
	struct page	p = { v, NULL, true };

	return (present_when(&p, item));
}

char *
recording_filename(struct arena *a, const struct view *v, const json_t *item,
    const char *ending)
{
	struct page	p = { v, a, true };

	return (present_filename(&p, item, ending));
}

enum result
recording_pdf(const struct view *v, json_t *model, const char *fonts,
    uint8_t **bytes, size_t *n)
{
	struct arena		 arena = { NULL };
	struct page		 p = { v, &arena, true };
	struct transcript	 t;
	enum result		 r;

	present_document(&p, model, &t);
	r = transcript_pdf(&t, fonts, bytes, n);
	arena_dispose(&arena);
	return (r);
}
