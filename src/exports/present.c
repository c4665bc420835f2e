/*
 * The values of the pages of archives: texts of states, sizes and times. Pure.
 */
#include <string.h>

#include "base/clock.h"
#include "exports/exports.h"
#include "server/model.h"

#define SMALL_CALLS	20	/* calls; downloads once it is ready */
#define MINUTE_MS	60000

struct page {
	const struct view	*view;
	struct arena		 arena;		/* freed after the page */
};

static const struct choice {
	const char	*key;
	const char	*word;
} states[] = {
	{ "queued", "En attente" },
	{ "running", "En préparation" },
	{ "ready", "Prête" },
	{ "failed", "Non préparée" },
	{ "cancelled", "Annulée" },
	{ "expired", "Supprimée" },
	{ NULL, NULL }
}, contents[] = {
	{ "audio", "Audios" },
	{ "transcript", "Transcriptions" },
	{ "both", "Audios et transcriptions" },
	{ NULL, NULL }
}, reasons[] = {
	{ "rights", "Votre profil de droits a changé : l’archive n’a pas été "
	    "préparée." },
	{ "disk", "L’espace de stockage du service ne suffit pas pour cette "
	    "archive. Réduisez la sélection ou réessayez plus tard." },
	{ "empty", "Aucun enregistrement de la sélection ne peut encore être "
	    "téléchargé." },
	{ "person_full", "Avec cette archive, vos archives dépasseraient la "
	    "place qui vous est réservée. Supprimez-en une ou réduisez la "
	    "sélection, puis demandez-la de nouveau." },
	{ "tenant_full", "Avec cette archive, les archives de votre entreprise "
	    "dépasseraient la place qui lui est réservée. Supprimez l’une des "
	    "vôtres ou réduisez la sélection, puis demandez-la de nouveau." },
	{ "deleted", "Un enregistrement de cette archive a été supprimé : "
	    "l’archive aussi. Demandez-la de nouveau pour avoir les "
	    "autres." },
	{ "internal", "L’archive n’a pas pu être préparée. Demandez-la de "
	    "nouveau ; si cela se répète, signalez-le." },
	{ NULL, NULL }
};

/* Why calls are not in an archive, for one call and for several. */
static const struct {
	const char	*key, *one, *many;
} left_out[] = {
	{ "expiring",
	    "{n} appel arrive à sa date de suppression dans les deux heures.",
	    "{n} appels arrivent à leur date de suppression dans les deux "
	    "heures." },
	{ "no_audio",
	    "{n} appel n’a pas encore d’audio.",
	    "{n} appels n’ont pas encore d’audio." },
	{ "no_transcript",
	    "{n} appel n’a pas encore de transcription.",
	    "{n} appels n’ont pas encore de transcription." },
	{ "damaged",
	    "{n} appel a un audio perdu ou abîmé.",
	    "{n} appels ont un audio perdu ou abîmé." },
	{ "gone",
	    "{n} appel a été supprimé entre-temps.",
	    "{n} appels ont été supprimés entre-temps." },
};

static int64_t
member_number(const json_t *object, const char *key)
{
	return (json_integer_value(json_object_get(object, key)));
}

static const char *
choice_word(const struct page *p, const struct choice *c, const char *key)
{
	while (key != NULL && c->key != NULL && strcmp(c->key, key) != 0)
		c++;
	return (key == NULL || c->key == NULL ? NULL :
	    tr(p->view->lang, c->word));
}

/* Returns the French sentence translated, its {} replaced by value. */
static const char *
sentence(struct page *p, const char *french, const char *value)
{
	const char	*text = tr(p->view->lang, french);
	const char	*at = strstr(text, "{}");

	return (arena_printf(&p->arena, "%.*s%s%s", (int)(at - text), text,
	    value, at + 2));
}

/* Returns "12,3 Mo" or "12.3 MB": decimal units, as in file managers. */
static const char *
bytes_words(struct page *p, int64_t n)
{
	static const char *const units[][4] = {
		{ "octets", "ko", "Mo", "Go" }, { "bytes", "kB", "MB", "GB" }
	};
	bool	 french = p->view->lang == LANG_FR;
	int	 unit = 0;
	int64_t	 tenths = n * 10;

	while (tenths >= 10000 && unit < 3) {
		tenths = (tenths + 500) / 1000;
		unit++;
	}
	if (unit == 0 || tenths >= 1000)
		return (arena_printf(&p->arena, "%lld\u00a0%s",
		    (long long)(tenths / 10), units[!french][unit]));
	return (arena_printf(&p->arena, "%lld%c%lld\u00a0%s",
	    (long long)(tenths / 10), french ? ',' : '.',
	    (long long)(tenths % 10), units[!french][unit]));
}

/* Returns the instant in the tenant's time zone; NULL for none. */
static const char *
export_date(struct page *p, const char *instant)
{
	const struct zone	*zone = zone_get(p->view->person->time_zone);
	int64_t			 ms;

	if (instant == NULL || !clock_parse_utc(instant, &ms))
		return (NULL);
	return (words_date_short(&p->arena, p->view->lang,
	    zone_civil(zone, ms), zone_civil(zone, p->view->now_ms)));
}

static const char *
time_left(struct page *p, const json_t *e)
{
	int64_t	ms = member_number(e, "left_ms");

	if (!json_is_integer(json_object_get(e, "left_ms")))
		return (NULL);
	if (ms < MINUTE_MS)
		return (tr(p->view->lang, "moins d’une minute restante"));
	return (tr_count(&p->arena, p->view->lang,
	    (ms + MINUTE_MS - 1) / MINUTE_MS, "environ {n} minute restante",
	    "environ {n} minutes restantes"));
}

static json_t *
left_out_words(struct page *p, const json_t *e)
{
	json_t	*counts = json_object_get(e, "left_out");
	json_t	*list = json_array();
	int64_t	 n;
	size_t	 i;

	for (i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
		if ((n = member_number(counts, left_out[i].key)) > 0)
			json_array_append_new(list, json_string(tr_count(
			    &p->arena, p->view->lang, n, left_out[i].one,
			    left_out[i].many)));
	return (list);
}

/* Returns the values that the list and the page share. */
static json_t *
export_values(struct page *p, const json_t *e)
{
	const char	*state = get(e, "state"), *id = get(e, "id");
	const char	*archive = get(e, "archive");
	json_t		*out = json_object();

	put(out, "id", id);
	put(out, "state", state);
	put(out, "state_word", choice_word(p, states, state));
	put(out, "content", choice_word(p, contents, get(e, "content")));
	put(out, "calls", tr_count(&p->arena, p->view->lang,
	    member_number(e, "total"), "{n} appel", "{n} appels"));
	put(out, "created", export_date(p, get(e, "created_at")));
	put(out, "href", arena_printf(&p->arena, "%s/exports/%s",
	    p->view->base, id));
	put(out, "archive_href", archive == NULL ? NULL :
	    arena_printf(&p->arena, "%s%s", p->view->base, archive));
	put(out, "size", archive == NULL ? NULL :
	    bytes_words(p, member_number(e, "bytes")));
	put(out, "until", archive == NULL ? NULL :
	    export_date(p, get(e, "expires_at")));
	put(out, "reason", choice_word(p, reasons, get(e, "reason")));
	json_object_set_new(out, "active", json_boolean(
	    strcmp(state, "queued") == 0 || strcmp(state, "running") == 0));
	json_object_set_new(out, "ready", json_boolean(archive != NULL));
	return (out);
}

json_t *
present_exports(const struct view *view, json_t *model)
{
	struct page	 p = { view, { NULL } };
	json_t		*out = json_object(), *items = json_array(), *item;
	const char	*next = get(model, "next");
	size_t		 i;

	json_array_foreach(json_object_get(model, "items"), i, item)
		json_array_append_new(items, export_values(&p, item));
	put(out, "title", tr(view->lang, "Mes exports"));
	put(out, "list_href", arena_printf(&p.arena, "%s/recordings",
	    view->base));
	put(out, "next_href", next == NULL ? NULL : arena_printf(&p.arena,
	    "%s/exports?after=%s", view->base, next));
	json_object_set_new(out, "has_items",
	    json_boolean(json_array_size(items) > 0));
	json_object_set_new(out, "items", items);
	arena_dispose(&p.arena);
	return (out);
}

/* Adds the progress; percent is null while the expected size is unknown. */
static void
present_progress(struct page *p, const json_t *e, json_t *out)
{
	int64_t done = member_number(e, "bytes"),
		all = member_number(e, "bytes_total");

	json_object_set_new(out, "percent", all > 0 ? json_integer(
	    done < all ? 100 * done / all : 100) : json_null());
	put(out, "done", sentence(p, "sur {}", get(out, "calls")));
	json_object_set_new(out, "done_calls", json_string(
	    words_number(&p->arena, p->view->lang, member_number(e, "done"))));
	put(out, "written", bytes_words(p, done));
	put(out, "expected", all > 0 ? bytes_words(p, all) : NULL);
	put(out, "left", time_left(p, e));
}

json_t *
present_export(const struct view *view, json_t *model)
{
	struct page	 p = { view, { NULL } };
	json_t		*out = export_values(&p, model), *others;

	put(out, "title", tr(view->lang, "Archive d’enregistrements"));
	put(out, "list_href", arena_printf(&p.arena, "%s/recordings",
	    view->base));
	put(out, "exports_href", arena_printf(&p.arena, "%s/exports",
	    view->base));
	present_progress(&p, model, out);
	others = left_out_words(&p, model);
	json_object_set_new(out, "has_left_out",
	    json_boolean(json_array_size(others) > 0));
	json_object_set_new(out, "left_out", others);
	json_object_set_new(out, "small",
	    json_boolean(member_number(model, "total") <= SMALL_CALLS));
	json_object_set_new(out, "queued",
	    json_boolean(strcmp(get(out, "state"), "queued") == 0));
	arena_dispose(&p.arena);
	return (out);
}
