/*
 * The values of the pages of requests to erase, and the texts of the receipt:
 * states, dates, numbers. Pure.
 */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/zone.h"
#include "erasures/erasures.h"
#include "onepass/onepass.h"
#include "server/model.h"

struct page {
	const struct view	*view;
	struct arena		 arena;		/* freed after the page */
};

static const struct choice {
	const char	*key;
	const char	*word;
} states[] = {
	{ "open", "Ouverte" },
	{ "carried_out", "Effacement fait" },
	{ "withdrawn", "Retirée" },
};

#define STATES	(sizeof(states) / sizeof(states[0]))

static bool
is(const json_t *e, const char *state)
{
	return (strcmp(get(e, "state"), state) == 0);
}

static const char *
state_word(const struct page *p, const char *key)
{
	size_t	i;

	for (i = 0; i < STATES - 1; i++)
		if (strcmp(states[i].key, key) == 0)
			break;
	return (tr(p->view->lang, states[i].word));
}

/* Returns the instant in the tenant's time zone. */
static struct civil
tenant_time(const struct page *p, const char *instant)
{
	int64_t	ms = 0;

	(void)clock_parse_utc(instant, &ms);
	return (zone_civil(zone_get(p->view->person->time_zone), ms));
}

static const char *
erasure_date(struct page *p, const char *instant)
{
	return (instant == NULL ? NULL : words_date_long(&p->arena,
	    p->view->lang, tenant_time(p, instant)));
}

static const char *
erasure_date_short(struct page *p, const char *instant)
{
	return (instant == NULL ? NULL : words_date_short(&p->arena,
	    p->view->lang, tenant_time(p, instant), zone_civil(
	    zone_get(p->view->person->time_zone), p->view->now_ms)));
}

/*
 * Sets the number: whole while the request is open; then its last two digits,
 * or none of a short number.
 */
static void
put_number(struct page *p, const json_t *e, json_t *out)
{
	const char	*number = get(e, "number");
	const char	*ending = get(e, "ending");
	const char	*masked = *ending == '\0' ? "••••" :
			    arena_printf(&p->arena, "•• •• •• •• %s", ending);

	put(out, "masked", masked);
	put(out, "number", number == NULL ? masked :
	    words_phone(&p->arena, number));
}

/* Returns the values that list, page and receipt share. */
static json_t *
erasure_values(struct page *p, json_t *e)
{
	json_t	*out = json_copy(e), *count = json_object_get(e, "count");

	put(out, "href", arena_printf(&p->arena, "%s/erasures/%s",
	    p->view->base, get(e, "id")));
	put(out, "state_word", state_word(p, get(e, "state")));
	put(out, "filed", erasure_date(p, get(e, "filed_at")));
	put(out, "filed_short", erasure_date_short(p, get(e, "filed_at")));
	put(out, "closed", erasure_date(p, get(e, "closed_at")));
	put(out, "closed_short", erasure_date_short(p, get(e, "closed_at")));
	put(out, "calls", !json_is_integer(count) ? NULL :
	    tr_count(&p->arena, p->view->lang, json_integer_value(count),
	    "{n} enregistrement", "{n} enregistrements"));
	put_number(p, e, out);
	json_object_set_new(out, "open", json_boolean(is(e, "open")));
	json_object_set_new(out, "carried_out",
	    json_boolean(is(e, "carried_out")));
	put(out, "on_erasures", "true");
	return (out);
}

/* --- the list ------------------------------------------------------------ */

static void
put_erasures_filter(struct page *p, json_t *out)
{
	const char	*state = params_get(p->view->query, "state");
	const char	*number = params_get(p->view->query, "number");
	json_t		*list = json_array();
	size_t		 i;

	for (i = 0; i < STATES; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:b}",
		    "value", states[i].key, "label",
		    tr(p->view->lang, states[i].word), "selected",
		    state != NULL && strcmp(state, states[i].key) == 0));
	json_object_set_new(out, "states", list);
	put(out, "number_wanted", number);
	json_object_set_new(out, "filtered", json_boolean(
	    (state != NULL && *state != '\0') ||
	    (number != NULL && *number != '\0')));
}

/* Sets the link to the next page, with the same filter. */
static void
put_next(struct page *p, const json_t *model, json_t *out)
{
	static const char *const	 names[] = { "state", "number",
	    NULL };
	const char			*next = get(model, "next");

	put(out, "next_href", next == NULL ? NULL : params_link(&p->arena,
	    arena_printf(&p->arena, "%s/erasures", p->view->base),
	    p->view->query, names, next));
}

json_t *
present_erasures(const struct view *view, json_t *model)
{
	struct page	 p = { view, { NULL } };
	json_t		*out = json_copy(model), *items = json_array(), *item;
	size_t		 i;

	json_array_foreach(json_object_get(model, "items"), i, item)
		json_array_append_new(items, erasure_values(&p, item));
	put(out, "title", tr(view->lang, "Demandes d’effacement"));
	put(out, "erasures_href", arena_printf(&p.arena, "%s/erasures",
	    view->base));
	put_erasures_filter(&p, out);
	put_next(&p, model, out);
	json_object_set_new(out, "has_items",
	    json_boolean(json_array_size(items) > 0));
	json_object_set_new(out, "items", items);
	json_object_set_new(out, "may_file",
	    json_boolean(view->person->administrator));
	put(out, "on_erasures", "page");
	arena_dispose(&p.arena);
	return (out);
}

/* --- one ----------------------------------------------------------------- */

/* Sets the link to the list of its calls; NULL for who may not see them. */
static void
put_list_href(struct page *p, const json_t *e, json_t *out)
{
	const char	*number = get(json_object_get(e, "filter"), "number");
	struct buf	 b = { NULL, 0, 0 };

	put(out, "list_href", NULL);
	if (number == NULL)
		return;
	buf_printf(&b, "%s/recordings?number=", p->view->base);
	params_encode_value(&b, number);
	put(out, "list_href", b.data);
	buf_dispose(&b);
}

static const char *
lead_text(struct page *p, const json_t *e)
{
	enum lang	lang = p->view->lang;

	if (is(e, "withdrawn"))
		return (tr(lang, "Cette demande a été retirée : rien n’a été "
		    "effacé à ce titre."));
	if (is(e, "open"))
		return (tr(lang, "Un superviseur de toute l’entreprise "
		    "effacera les enregistrements où ce numéro appelle ou est "
		    "appelé."));
	if (!json_is_string(json_object_get(e, "erased_at")))
		return (tr(lang, "Plus personne ne peut les voir, les trouver "
		    "ni les écouter. Leurs données sont en cours "
		    "d’effacement : vous pouvez quitter cette page."));
	return (tr(lang, "Il ne reste aucun enregistrement, aucune "
	    "transcription ni aucun résumé d’un appel où ce numéro "
	    "appelait ou était appelé, au moment de l’effacement."));
}

static void
put_progress(struct page *p, const json_t *e, json_t *out)
{
	json_int_t	 n = json_integer_value(json_object_get(e, "count"));
	json_int_t	 done = json_integer_value(json_object_get(e, "done"));
	bool		 erased = get(e, "erased_at") != NULL;

	json_object_set_new(out, "total", json_integer(n));
	json_object_set_new(out, "done", json_integer(done));
	put(out, "progress", arena_printf(&p->arena, "%s / %s",
	    words_number(&p->arena, p->view->lang, done),
	    words_number(&p->arena, p->view->lang, n)));
	json_object_set_new(out, "erased", json_boolean(erased));
	json_object_set_new(out, "erasing", json_boolean(
	    is(e, "carried_out") && !erased));
}

json_t *
present_erasure(const struct view *view, json_t *model)
{
	struct page		 p = { view, { NULL } };
	const struct person	*who = view->person;
	json_t			*out = erasure_values(&p, model);
	bool			 open = is(model, "open");

	put(out, "title", tr(view->lang, open ? "Demande d’effacement" :
	    is(model, "carried_out") ? "Effacement par numéro" :
	    "Demande d’effacement retirée"));
	put(out, "lead", lead_text(&p, model));
	put(out, "kept", tr(view->lang, "Ni le numéro ni la liste des appels "
	    "ne sont conservés : seuls le sont ce reçu, les deux derniers "
	    "chiffres du numéro (aucun d’un numéro court), et une empreinte "
	    "que l’entreprise seule peut comparer à un numéro qu’on lui "
	    "donne, en le cherchant dans les demandes d’effacement. "
	    "L’empreinte ne permet pas de retrouver le numéro."));
	put(out, "erasures_href", arena_printf(&p.arena, "%s/erasures",
	    view->base));
	put(out, "here", view->path);
	put_list_href(&p, model, out);
	put_progress(&p, model, out);
	json_object_set_new(out, "may_withdraw",
	    json_boolean(open && who->administrator));
	json_object_set_new(out, "may_erase",
	    json_boolean(open && person_supervises_all(who)));
	arena_dispose(&p.arena);
	return (out);
}

json_t *
present_erasure_confirm(const struct view *view, json_t *model)
{
	struct page	 p = { view, { NULL } };
	json_t		*out = erasure_values(&p, model);
	json_int_t	 n = json_integer_value(json_object_get(model,
			    "count"));
	const char	*problem = get(model, "problem");

	put(out, "title", n == 0 ? tr(view->lang,
	    "Clore la demande ?") : tr_count(&p.arena, view->lang, n,
	    "Effacer cet enregistrement ?",
	    "Effacer {n} enregistrements ?"));
	put(out, "lead", tr(view->lang, n == 0 ?
	    "Aucun enregistrement n’a ce numéro. Le reçu dira qu’il n’y "
	    "avait rien à effacer." :
	    "Audios, transcriptions et résumés disparaîtront aussitôt pour "
	    "toute l’équipe. C’est définitif."));
	put(out, "action", n == 0 ? tr(view->lang, "Clore la demande") :
	    tr_count(&p.arena, view->lang, n, "Effacer définitivement",
	    "Effacer les {n} enregistrements"));
	put(out, "expect", arena_printf(&p.arena, "%lld", (long long)n));
	put(out, "problem", problem == NULL ? NULL :
	    tr(view->lang, problem));
	json_object_set_new(out, "none", json_boolean(n == 0));
	json_object_set_new(out, "password",
	    json_boolean(n > PASSWORD_ABOVE));
	arena_dispose(&p.arena);
	return (out);
}
