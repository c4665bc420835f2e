/* A receipt as a PDF document; see receipt_pdf.h. */
#include "media/receipt_pdf.h"

enum result
receipt_pdf(
    const struct receipt *r, const char *fonts, uint8_t **bytes, size_t *n)
{
	struct document d;

	if (!document_begin(&d, &r->head, fonts))
		return (FAILED);
	document_flow(&d, &document_body, &document_bare, DOCUMENT_LEFT,
	    DOCUMENT_WIDTH, r->lead);
	document_space(&d, &document_bare, 18);
	document_facts(&d, r->facts, r->fact_count);
	document_section(&d, "shield", r->note_label);
	document_flow(&d, &document_fine, &document_bare, DOCUMENT_LEFT,
	    DOCUMENT_WIDTH, r->note);
	return (document_finish(&d, bytes, n));
}
