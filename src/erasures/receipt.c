/*
 * GET /erasures/{id}/receipt.pdf: what was erased, when, and at whose request.
 * The texts are those of the page (present.c). The PDF takes milliseconds, so
 * it is made for each request and not stored.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/color.h"
#include "base/filename.h"
#include "base/log.h"
#include "base/text.h"
#include "erasures/erasures.h"
#include "media/receipt_pdf.h"
#include "server/model.h"
#include "server/reply.h"
#include "server/server.h"

/* A receipt being made; malloc'd, since it may outlive the request. */
struct making {
	struct receipt	 receipt;
	json_t		*words;		/* of present_erasure(); owned */
	enum result	 result;
	uint8_t		*bytes;		/* malloc'd */
	size_t		 n;
};

static void	receipt_found(struct ctx *, struct db_rows *, void *);
static void	receipt_make(void *);
static void	receipt_made(struct ctx *, void *);
static void	receipt_free(void *);

static const struct work	 receipt_work = {
	.run = receipt_make, .answer = receipt_made, .release = receipt_free
};

void
erasure_receipt(struct ctx *c)
{
	const char	*params[1] = { c->id };

	if (!uuid_valid(c->id))
		reply_result(c, NOT_FOUND);
	else
		ask(c, SQL_ERASURES_SHOW, params, 1, receipt_found, NULL);
}

static void
receipt_add_fact(
    struct making *m, enum lang lang, const char *label, const char *value)
{
	const char		*text = json_string_value(
				    json_object_get(m->words, value));
	struct document_fact	*f;

	if (text == NULL)
		return;
	f = &m->receipt.facts[m->receipt.fact_count++];
	f->label = tr(lang, label);
	f->value = text;
}

static const char *
receipt_word(const struct making *m, const char *name)
{
	return (json_string_value(json_object_get(m->words, name)));
}

static void
receipt_head(struct ctx *c, struct making *m)
{
	struct document_head	*h = &m->receipt.head;
	struct color_tones	 tones;

	h->operator_name = c->brand == NULL ? "Smart Record AI" :
	    arena_strdup(&c->arena, c->brand->name);
	h->brand = DOCUMENT_BRAND;
	h->brand_ink = DOCUMENT_WHITE;
	if (c->brand != NULL && color_valid(c->brand->color)) {
		color_tones(c->brand->color, false, &tones);
		h->brand = (unsigned)strtoul(tones.brand + 1, NULL, 16);
		h->brand_ink = (unsigned)strtoul(tones.ink + 1, NULL, 16);
	}
	h->lang = lang_tag(c->lang);
	h->kind = tr(c->lang, "Reçu d’effacement");
	h->title = receipt_word(m, "title");
	h->date = receipt_word(m, "closed");
	h->footer = arena_printf(&c->arena, "%s – %s", receipt_word(m, "id"),
	    c->person->tenant_name);
}

static void
write_words(struct ctx *c, struct making *m)
{
	struct receipt	*r = &m->receipt;

	receipt_head(c, m);
	r->lead = receipt_word(m, "lead");
	receipt_add_fact(m, c->lang, "Numéro", "masked");
	receipt_add_fact(m, c->lang, "Enregistrements effacés", "calls");
	receipt_add_fact(m, c->lang, "Demande déposée par", "filed_by");
	receipt_add_fact(m, c->lang, "Demande déposée le", "filed");
	receipt_add_fact(m, c->lang, "Effacement fait par", "closed_by");
	receipt_add_fact(m, c->lang, "Effacement fait le", "closed");
	receipt_add_fact(m, c->lang, "Numéro du reçu", "id");
	receipt_add_fact(m, c->lang, "Empreinte du numéro", "fingerprint");
	r->note_label = tr(c->lang, "Ce qui est conservé");
	r->note = receipt_word(m, "kept");
}

static struct making *
receipt_new(struct ctx *c, json_t *model)
{
	struct view	 v = { .lang = c->lang, .surface = c->surface,
			    .base = c->base, .path = c->path,
			    .query = &c->query, .person = c->person,
			    .brand = c->brand, .now_ms = clock_now_ms() };
	struct making	*m;

	if ((m = calloc(1, sizeof(*m))) == NULL)
		log_fatal("event=out_of_memory");
	m->words = present_erasure(&v, model);
	write_words(c, m);
	return (m);
}

/* Has the receipt made; replies 404 before all rows are removed. */
static void
receipt_found(struct ctx *c, struct db_rows *rows, void *arg)
{
	json_t	*model;

	(void)arg;
	if ((model = model_of(rows)) == NULL) {
		reply_result(c, NOT_FOUND);
		return;
	}
	if (json_is_string(json_object_get(model, "erased_at")))
		ctx_work_heavy(c, &receipt_work, receipt_new(c, model));
	else
		reply_problem_way(c, 404, "receipt-pending", "Le reçu "
		    "existe une fois que tout est effacé.",
		    arena_printf(&c->arena, "/erasures/%s", c->id),
		    "Voir la demande");
	json_decref(model);
}

static void
receipt_make(void *arg)
{
	struct making	*m = arg;

	m->result = receipt_pdf(&m->receipt, server_settings()->font_dir,
	    &m->bytes, &m->n);
}

static void
receipt_made(struct ctx *c, void *arg)
{
	struct making	*m = arg;
	const char	*parts[2];

	if (m->result != OK) {
		log_error("event=receipt_failed why=\"no PDF can be made, "
		    "see font_dir\"");
		reply_result(c, FAILED);
		return;
	}
	parts[0] = m->receipt.head.kind;
	parts[1] = c->id;
	reply_header(c, "content-disposition", filename_disposition(&c->arena,
	    "attachment", filename_make(&c->arena, parts, 2, ".pdf")));
	reply_bytes(c, 200, "application/pdf", m->bytes, m->n);
}

static void
receipt_free(void *arg)
{
	struct making	*m = arg;

	json_decref(m->words);
	free(m->bytes);
	free(m);
}
