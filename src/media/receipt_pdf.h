/*
 * A receipt as a PDF document: a sentence, the facts and a note. document.h
 * describes the common layout.
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
	const char		*note_label;	/* heading of the note */
	const char		*note;		/* what stays, and why */
};

/* Makes the document. fonts is the folder of DejaVuSans.ttf and
 * DejaVuSans-Bold.ttf. The caller frees *bytes. Returns FAILED when the fonts
 * are missing or memory is exhausted. */
enum result	receipt_pdf(const struct receipt *, const char *fonts,
		    uint8_t **bytes, size_t *n);

#endif
