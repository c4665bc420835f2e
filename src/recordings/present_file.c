/*
 * The names of a call's files and the texts of its transcript, which are those
 * of the page (present_call.c). media/transcript_pdf.c does the layout.
 */
#include <stdlib.h>
#include <string.h>

#include "base/color.h"
#include "base/filename.h"
#include "media/transcript_pdf.h"
#include "recordings/present.h"

/* Returns a party's name or number, untranslated; NULL when withheld. */
static const char *
party_title(struct arena *a, const json_t *party)
{
	const char	*name = get(party, "name"), *value;

	if (name != NULL && name[0] != '\0')
		return (name);
	value = get(party, "value");
	return (value == NULL ? NULL : words_phone(a, value));
}

const char *
present_title(struct arena *a, const json_t *item)
{
	const char	*text = get(item, "subject");

	if (text == NULL || text[0] == '\0')
		text = party_title(a, json_object_get(item, "caller"));
	return (text == NULL ? "Smart Record AI" : text);
}

static struct civil
when_of(const struct page *p, const json_t *item, const char *name)
{
	int64_t	 ms = 0;

	(void)clock_parse_utc(get(item, name), &ms);
	return (zone_civil(present_zone(p, item), ms));
}

struct civil
present_when(const struct page *p, const json_t *item)
{
	return (when_of(p, item, "started_at"));
}

char *
present_filename(const struct page *p, const json_t *item, const char *ending)
{
	struct civil	 w = present_when(p, item);
	const char	*parts[4];
	size_t		 i;

	parts[0] = arena_printf(p->arena, "%04d-%02d-%02d %02dh%02d", w.year,
	    w.month, w.day, w.hour, w.minute);
	parts[1] = party_title(p->arena, json_object_get(item, "caller"));
	parts[2] = party_title(p->arena, json_object_get(item, "callee"));
	parts[3] = get(item, "subject");
	for (i = 1; i <= 2; i++)
		if (parts[i] == NULL)
			parts[i] = tr(p->view->lang, "Numéro masqué");
	return (filename_make(p->arena, parts, 4, ending));
}

static const char *
keep_text(const struct page *p, const char *text)
{
	return (text == NULL ? NULL : arena_strdup(p->arena, text));
}

static void
add_fact(const struct page *p, struct transcript *t, const char *label,
    const char *value, const char *detail)
{
	struct document_fact	*f;

	if (value == NULL)
		return;
	f = &t->facts[t->fact_count++];
	f->label = tr(p->view->lang, label);
	f->value = keep_text(p, value);
	f->detail = keep_text(p, detail);
}

static void
add_party_fact(const struct page *p, struct transcript *t, const char *label,
    const json_t *party)
{
	add_fact(p, t, label, get(party, "label"), get(party, "detail"));
}

/* Returns "29 août 2026". */
static const char *
day_with_year(const struct page *p, struct civil w)
{
	return (arena_printf(p->arena, "%s %d",
	    words_day(p->arena, p->view->lang, w), w.year));
}

static void
add_facts(const struct page *p, const json_t *model, const json_t *call,
    struct transcript *t)
{
	const char	*mode = get(model, "mode");

	add_party_fact(p, t, "Appelant", json_object_get(call, "caller"));
	add_party_fact(p, t, "Appelé(e)", json_object_get(call, "callee"));
	add_fact(p, t, "Durée", get(call, "duration"), NULL);
	add_fact(p, t, "Sens de l’appel",
	    get(json_object_get(call, "direction"), "word"), NULL);
	add_fact(p, t, "Site", get(json_object_get(model, "site"), "name"),
	    NULL);
	add_fact(p, t, "Compte", get(json_object_get(model, "account"), "name"),
	    NULL);
	add_fact(p, t, "Mode d’enregistrement", tr(p->view->lang,
	    mode != NULL && strcmp(mode, "on_demand") == 0 ?
	    "A la demande" : "Toujours"), NULL);
	add_fact(p, t, "Supprimé le",
	    day_with_year(p, when_of(p, model, "expires_at")), NULL);
}

static void
add_pause(const struct page *p, struct transcript *t, const json_t *pause)
{
	struct transcript_turn	*turn = &t->turns[t->turn_count++];

	turn->text = sentence(p, "Enregistrement mis en pause : {}",
	    arena_printf(p->arena, "%s – %s",
	    words_duration(p->arena, get_int(pause, "start_ms")),
	    words_duration(p->arena, get_int(pause, "end_ms"))));
}

static void
add_utterance(const struct page *p, struct transcript *t, const json_t *u,
    const char *caller, const char *callee)
{
	struct transcript_turn	*turn = &t->turns[t->turn_count++];

	turn->callee = strcmp(get(u, "speaker"), "callee") == 0;
	turn->name = turn->callee ? callee : caller;
	turn->time = words_duration(p->arena, get_int(u, "start_ms"));
	turn->text = get(u, "text");
}

const json_t *
pause_until(const json_t *pauses, size_t *next, int64_t until_ms)
{
	const json_t	*pause = json_array_get(pauses, *next);

	if (pause == NULL || get_int(pause, "start_ms") > until_ms)
		return (NULL);
	(*next)++;
	return (pause);
}

/* Adds utterances and pauses in the order of time. */
static void
add_turns(const struct page *p, const json_t *model, struct transcript *t)
{
	json_t		*list = json_object_get(model, "utterances"), *u;
	json_t		*pauses = json_object_get(model, "pauses");
	const json_t	*pause;
	size_t		 i, j, n = json_array_size(list);

	t->turns = arena_alloc(p->arena, sizeof(*t->turns) *
	    (n + json_array_size(pauses) + 1));
	for (i = j = 0; i < n; i++) {
		u = json_array_get(list, i);
		while ((pause = pause_until(pauses, &j,
		    get_int(u, "start_ms"))) != NULL)
			add_pause(p, t, pause);
		add_utterance(p, t, u, t->facts[0].value, t->facts[1].value);
	}
	while ((pause = pause_until(pauses, &j, INT64_MAX)) != NULL)
		add_pause(p, t, pause);
}

static void
set_labels(const struct page *p, struct transcript *t)
{
	enum lang	 l = p->view->lang;

	t->head.kind = tr(l, "Transcription d’appel");
	t->mood_note = tr(l, "L’émotion est un indicateur tiré des mots de la "
	    "transcription. Ce n’est jamais une note, et elle ne tient pas "
	    "compte du ton de la voix.");
	t->summary_label = tr(l, "Résumé");
	t->summary_note = tr(l, "Sujet et résumé générés par intelligence "
	    "artificielle à partir de la transcription.");
	t->exchange_label = tr(l, "Transcription");
	t->nothing = tr(l, "Aucune parole dans cet appel");
	t->cut = tr(l, "La suite est trop longue pour ce document. Elle se lit "
	    "en ligne.");
}

/* Sets the operator's name and its colour on white, or the product's. */
static void
set_brand(const struct page *p, struct transcript *t)
{
	const struct brand	*b = p->view->brand;
	struct color_tones	 tones;

	t->head.operator_name = b == NULL ? "Smart Record AI" : b->name;
	if (b == NULL || !color_valid(b->color))
		return;
	color_tones(b->color, false, &tones);
	t->head.brand = (unsigned)strtoul(tones.brand + 1, NULL, 16);
	t->head.brand_ink = (unsigned)strtoul(tones.ink + 1, NULL, 16);
}

/* Returns the text with an upper-case first letter, if it is ASCII. */
static char *
capitalized(const struct page *p, const char *text)
{
	char	*copy = arena_strdup(p->arena, text);

	if (copy[0] >= 'a' && copy[0] <= 'z')
		copy[0] = (char)(copy[0] & ~0x20);
	return (copy);
}

void
present_document(const struct page *p, json_t *model,
    struct transcript *out)
{
	json_t		*call = present_call(p, model);
	json_t		*mood = json_object_get(call, "mood");

	memset(out, 0, sizeof(*out));
	out->head.lang = lang_tag(p->view->lang);
	out->head.brand = DOCUMENT_BRAND;
	out->head.brand_ink = 0xffffff;
	set_labels(p, out);
	set_brand(p, out);
	out->head.title = keep_text(p, get(call, "subject"));
	out->head.date = capitalized(p, get(call, "date_long"));
	out->mood = keep_text(p, get(mood, "key"));
	out->mood_word = keep_text(p, get(mood, "word"));
	out->mood_family = keep_text(p, get(mood, "family"));
	out->summary = get(model, "summary");
	add_facts(p, model, call, out);
	add_turns(p, model, out);
	out->head.footer = sentence(p, "Disponible dans le service jusqu’au "
	    "{}. Toute copie conservée relève de la responsabilité de qui l’a "
	    "téléchargée.", day_with_year(p, when_of(p, model, "expires_at")));
	json_decref(call);
}
