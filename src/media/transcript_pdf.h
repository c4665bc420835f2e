/*
 * The transcript of a call as a PDF document; document.h describes the common
 * layout. Equal texts give equal bytes.
 */
#ifndef MEDIA_TRANSCRIPT_PDF_H
#define MEDIA_TRANSCRIPT_PDF_H

#include "media/document.h"

#define TRANSCRIPT_FACTS_MAX	8
#define TRANSCRIPT_PAGES_MAX	1000	/* limits memory */

struct transcript_turn {
	const char	*time;		/* "00:43" */
	const char	*name;		/* NULL: text is a note of a pause */
	const char	*text;
	bool		 callee;
};

struct transcript {
	struct document_head head;
	const char	*mood;		/* key, or NULL */
	const char	*mood_word, *mood_family, *mood_note;
	struct document_fact facts[TRANSCRIPT_FACTS_MAX];
	size_t		 fact_count;
	const char	*summary_label, *summary, *summary_note;
	const char	*exchange_label;
	const char	*nothing;	/* text when there are no turns */
	struct transcript_turn *turns;
	size_t		 turn_count;
	const char	*cut;		/* last text when it was truncated */
};

/* Makes the document. fonts is the folder of DejaVuSans.ttf and
 * DejaVuSans-Bold.ttf. The caller frees *bytes. Returns FAILED when the fonts
 * are missing or memory is exhausted. Takes about 50 ms of CPU time for a call
 * of one hour. */
enum result	transcript_pdf(const struct transcript *t, const char *fonts,
		    uint8_t **bytes, size_t *n);

#endif
