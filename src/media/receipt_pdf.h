/*
 * A receipt as a PDF document: what was done, the facts, and what stays. See
 * document.h for what all documents share.
 */
#ifndef MEDIA_RECEIPT_PDF_H
#define MEDIA_RECEIPT_PDF_H

#include "media/document.h"

#define RECEIPT_FACTS_MAX	8

struct receipt {
	struct document_head	 head;
	const char		*lead;		/* what was done */
	struct document_fact	 facts[RECEIPT_FACTS_MAX];
	size_t			 fact_count;
	const char		*note_label;	/* over the note */
	const char		*note;		/* what stays, and why */
};

/* fonts: folder of DejaVuSans.ttf and DejaVuSans-Bold.ttf. *bytes is
 * malloc'd. FAILED: fonts missing, or no memory. */
enum result	receipt_pdf(const struct receipt *, const char *fonts,
		    uint8_t **bytes, size_t *n);

#endif
