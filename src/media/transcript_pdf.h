/*
 * A call's transcript as a PDF document of A4 sheets. All texts come ready,
 * in the reader's language and valid UTF-8, and are borrowed; knows neither
 * requests nor the loop. The same texts give the same bytes.
 */
#ifndef MEDIA_TRANSCRIPT_PDF_H
#define MEDIA_TRANSCRIPT_PDF_H

#include "media/document.h"

#define TRANSCRIPT_FACTS_MAX	8
#define TRANSCRIPT_PAGES_MAX	1000	/* bounds its memory */

struct transcript_turn {
	const char	*time;		/* "00:43" */
	const char	*name;		/* NULL: text is a note (a pause) */
	const char	*text;
	bool		 callee;
};

struct transcript {
	struct document_head head;
	const char	*mood;		/* key; NULL: none */
	const char	*mood_word, *mood_family, *mood_note;
	struct document_fact facts[TRANSCRIPT_FACTS_MAX];
	size_t		 fact_count;
	const char	*summary_label, *summary, *summary_note;
	const char	*exchange_label;
	const char	*nothing;	/* instead of an exchange of no turns */
	struct transcript_turn *turns;
	size_t		 turn_count;
	const char	*cut;		/* at the end, when it had to be cut */
};

/* fonts: folder of DejaVuSans.ttf and DejaVuSans-Bold.ttf. *bytes is
 * malloc'd. FAILED: fonts missing, or no memory. About 50 ms of CPU for an
 * hour's call. */
enum result	transcript_pdf(const struct transcript *t, const char *fonts,
		    uint8_t **bytes, size_t *n);

#endif
