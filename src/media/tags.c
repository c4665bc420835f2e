/*
 * An element has the marked-content ids (MCID) of its texts. They count from 0
 * on each page; the parent tree leads from each back to its element.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hpdf_objects.h>
#include <hpdf_pages.h>

#include "base/text.h"
#include "media/tags.h"

struct tags {
	HPDF_Doc	 doc;
	HPDF_Dict	 root;		/* StructTreeRoot */
	HPDF_Dict	 document;	/* the element of all others */
	HPDF_Array	 elements;	/* its kids */
	HPDF_Array	 pages;		/* Nums of the parent tree */
	int32_t		 page_count;
	HPDF_Page	 page;
	HPDF_Array	 parents;	/* of the page's MCIDs */
	int32_t		 mcid;		/* next of the page */
	char		 type[4];	/* of the element */
	HPDF_Dict	 element;
	HPDF_Page	 element_page;	/* where it begins */
	HPDF_Array	 kids;		/* of the element */
};

/* Returns a new dictionary that others may refer to; the document owns it. */
static HPDF_Dict
object_new(HPDF_Doc doc)
{
	HPDF_Dict	 d = HPDF_Dict_New(doc->mmgr);

	if (d != NULL && HPDF_Xref_Add(doc->xref, d) != HPDF_OK)
		return (NULL);
	return (d);
}

/* Returns a new array in a dictionary, which owns it. */
static HPDF_Array
array_in(HPDF_Doc doc, HPDF_Dict d, const char *key)
{
	HPDF_Array	 a = HPDF_Array_New(doc->mmgr);

	if (a != NULL && HPDF_Dict_Add(d, key, a) != HPDF_OK)
		return (NULL);
	return (a);
}

/* Returns a new element of the structure with an array of kids. */
static HPDF_Dict
element_new(HPDF_Doc doc, HPDF_Dict parent, const char *type,
    HPDF_Array *kids)
{
	HPDF_Dict	 e = object_new(doc);

	if (e == NULL || (*kids = array_in(doc, e, "K")) == NULL)
		return (NULL);
	(void)HPDF_Dict_AddName(e, "Type", "StructElem");
	(void)HPDF_Dict_AddName(e, "S", type);
	(void)HPDF_Dict_Add(e, "P", parent);
	return (e);
}

static void
page_write(HPDF_Page page, const char *s)
{
	(void)HPDF_Stream_WriteStr(((HPDF_PageAttr)page->attr)->stream, s);
}

struct tags *
tags_new(HPDF_Doc doc, const char *lang)
{
	struct tags	*t = calloc(1, sizeof(*t));
	HPDF_Dict	 tree;

	if (t == NULL)
		return (NULL);
	t->doc = doc;
	if ((t->root = object_new(doc)) == NULL ||
	    (t->document = element_new(doc, t->root, "Document",
	    &t->elements)) == NULL || (tree = object_new(doc)) == NULL ||
	    (t->pages = array_in(doc, tree, "Nums")) == NULL) {
		free(t);
		return (NULL);
	}
	(void)HPDF_Dict_AddName(t->root, "Type", "StructTreeRoot");
	(void)HPDF_Dict_Add(t->root, "K", t->document);
	(void)HPDF_Dict_Add(t->root, "ParentTree", tree);
	(void)HPDF_Dict_Add(doc->catalog, "Lang",
	    HPDF_String_New(doc->mmgr, lang, NULL));
	return (t);
}

void
tags_free(struct tags *t)
{
	free(t);
}

void
tags_finish(struct tags *t)
{
	HPDF_Dict	 marked = HPDF_Dict_New(t->doc->mmgr);

	(void)HPDF_Dict_AddNumber(t->root, "ParentTreeNextKey",
	    t->page_count);
	(void)HPDF_Dict_Add(t->doc->catalog, "StructTreeRoot", t->root);
	if (marked == NULL)
		return;
	(void)HPDF_Dict_AddBoolean(marked, "Marked", HPDF_TRUE);
	(void)HPDF_Dict_Add(t->doc->catalog, "MarkInfo", marked);
}

void
tags_page(struct tags *t, HPDF_Page page)
{
	t->page = page;
	t->mcid = 0;
	(void)HPDF_Dict_AddNumber(page, "StructParents", t->page_count);
	(void)HPDF_Array_AddNumber(t->pages, t->page_count++);
	if ((t->parents = HPDF_Array_New(t->doc->mmgr)) != NULL)
		(void)HPDF_Array_Add(t->pages, t->parents);
}

void
tags_element(struct tags *t, const char *type)
{
	(void)snprintf(t->type, sizeof(t->type), "%s", type);
	t->element = element_new(t->doc, t->document, type, &t->kids);
	if (t->element == NULL)
		return;
	(void)HPDF_Array_Add(t->elements, t->element);
	(void)HPDF_Dict_Add(t->element, "Pg", t->page);
	t->element_page = t->page;
}

/* Adds the next MCID of the page to the kids of the element. An element that
 * began on another page refers to the page of the text. */
static void
kid_add(struct tags *t)
{
	HPDF_Dict	 kid;

	if (t->element_page == t->page) {
		(void)HPDF_Array_AddNumber(t->kids, t->mcid);
		return;
	}
	if ((kid = HPDF_Dict_New(t->doc->mmgr)) == NULL)
		return;
	(void)HPDF_Dict_AddName(kid, "Type", "MCR");
	(void)HPDF_Dict_Add(kid, "Pg", t->page);
	(void)HPDF_Dict_AddNumber(kid, "MCID", t->mcid);
	(void)HPDF_Array_Add(t->kids, kid);
}

/* Writes text as a hexadecimal string of UTF-16 with a byte order mark
 * (ISO 32000-1, section 7.9.2.2). */
static void
write_utf16(HPDF_Page page, const char *text)
{
	char		 hex[16];
	uint32_t	 c;

	page_write(page, "<FEFF");
	while (*text != '\0') {
		text += utf8_next(text, &c);
		if (c < 0x10000)
			(void)snprintf(hex, sizeof(hex), "%04X", c);
		else
			(void)snprintf(hex, sizeof(hex), "%04X%04X",
			    0xd800 + ((c - 0x10000) >> 10),
			    0xdc00 + (c & 0x3ff));
		page_write(page, hex);
	}
	page_write(page, ">");
}

void
tags_begin_text(struct tags *t)
{
	char	 head[64];

	if (t->element == NULL || t->parents == NULL) {
		tags_begin_artifact(t->page);
		return;
	}
	kid_add(t);
	(void)HPDF_Array_Add(t->parents, t->element);
	(void)snprintf(head, sizeof(head), "/%s <</MCID %d>> BDC\n", t->type,
	    t->mcid++);
	page_write(t->page, head);
}

void
tags_begin_artifact(HPDF_Page page)
{
	page_write(page, "/Artifact BMC\n");
}

void
tags_begin_actual(HPDF_Page page, const char *text)
{
	page_write(page, "/Span <</ActualText ");
	write_utf16(page, text);
	page_write(page, ">> BDC\n");
}

void
tags_end(HPDF_Page page)
{
	page_write(page, "EMC\n");
}
