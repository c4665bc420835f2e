/*
 * The structure of a PDF document (tagged PDF; ISO 32000-1, sections 14.6 to
 * 14.9): which texts are a heading or a paragraph, in their order, and which
 * drawings are decoration. Programs that read a document aloud use it. libharu
 * has no function for it; this uses its objects.
 */
#ifndef MEDIA_TAGS_H
#define MEDIA_TAGS_H

#include <stdbool.h>

#include <hpdf.h>

struct tags;

/* Starts the structure of a document, in a language (BCP 47). Returns NULL when
 * memory is exhausted. */
struct tags	*tags_new(HPDF_Doc doc, const char *lang);
/* Frees tags, not the objects in the document. */
void		 tags_free(struct tags *);
/* Adds what readers need to find the structure. Call it before the document is
 * saved. */
void		 tags_finish(struct tags *);

/* Says that a page was added, which has the following texts. */
void		 tags_page(struct tags *, HPDF_Page page);
/* Starts an element: type is "P", "H1" or "H2" of the standard types. */
void		 tags_element(struct tags *, const char *type);

/* Begins marked content, on the page that was added last: a text of the current
 * element; decoration, when there is none. */
void		 tags_begin_text(struct tags *);
/* Begins marked content on any page: decoration. */
void		 tags_begin_artifact(HPDF_Page page);
/* Begins marked content on any page whose text is this instead of the drawn
 * characters, for copying. Clean UTF-8. */
void		 tags_begin_actual(HPDF_Page page, const char *text);
/* Ends the marked content that began last. */
void		 tags_end(HPDF_Page page);

#endif
