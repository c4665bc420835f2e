/*
 * Turns the model of GET /audit into what the page shows: texts, dates, links.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "base/clock.h"
#include "base/words.h"
#include "base/zone.h"
#include "server/model.h"

static const struct kind {
	const char	*key;
	const char	*word;
} kinds[] = {
	{ "listen", "Écoute" },
	{ "read", "Lecture de la transcription" },
	{ "search", "Recherche" },
	{ "download", "Téléchargement" },
	{ "export", "Archive demandée" },
	{ "delete", "Suppression" },
	{ "delete_many", "Suppression en nombre" },
	{ "erasure_filed", "Demande d’effacement" },
	{ "erasure_withdrawn", "Demande d’effacement retirée" },
	{ "erasure", "Effacement par numéro" },
	{ "expire", "Suppression automatique" },
	{ "sign_in", "Connexion" },
	{ "sign_in_failed", "Mot de passe refusé" },
	{ "invitation", "Invitation envoyée" },
	{ "password", "Mot de passe choisi" },
	{ "session_end", "Sessions fermées" },
	{ "refused", "Accès refusé" },
	{ "grant", "Droit accordé" },
	{ "withdraw", "Droit retiré" },
	{ "account", "Compte créé ou modifié" },
	{ "accounts_import", "Comptes importés" },
	{ "confirmation_filed", "Deuxième personne demandée" },
	{ "confirmation_given", "Confirmé par une deuxième personne" },
	{ "confirmation_refused", "Refusé par une deuxième personne" },
	{ "mode", "Mode d’enregistrement modifié" },
	{ "service", "Service activé ou coupé" },
	{ "retention", "Durée de conservation modifiée" },
};

#define KINDS	(sizeof(kinds) / sizeof(kinds[0]))

static const char *
kind_word(enum lang lang, const char *key)
{
	size_t	i;

	for (i = 0; i < KINDS; i++)
		if (strcmp(kinds[i].key, key) == 0)
			return (tr(lang, kinds[i].word));
	return (key);
}

/*
 * Returns the start of a recording's call in Unix milliseconds: the first 48
 * bits of its id, a UUIDv7 (RFC 9562, section 5.7).
 */
static int64_t
call_ms(const char *id)
{
	char	hex[13];

	memcpy(hex, id, 8);
	memcpy(hex + 8, id + 9, 4);
	hex[12] = '\0';
	return (strtoll(hex, NULL, 16));
}

/* Names a right and its sites: "Superviseur (Lyon)". */
static char *
right_text(const struct view *v, struct arena *a, const char *profile,
    const json_t *sites)
{
	const char	*names = "", *word = profile;
	json_t		*site;
	size_t		 i;

	if (strcmp(profile, "supervisor") == 0)
		word = tr(v->lang, "Superviseur");
	else if (strcmp(profile, "administrator") == 0)
		word = tr(v->lang, "Administrateur");
	json_array_foreach(sites, i, site)
		names = arena_printf(a, "%s%s%s", names, i == 0 ? "" : ", ",
		    json_string_value(site));
	return (*names == '\0' ? arena_strdup(a, word) :
	    arena_printf(a, "%s (%s)", word, names));
}

/* Names a recording mode: "off" (or NULL), "always", "on_demand". */
static const char *
mode_word(enum lang lang, const char *mode)
{
	if (mode == NULL || strcmp(mode, "off") == 0)
		return (tr(lang, "Ne pas enregistrer"));
	return (tr(lang, strcmp(mode, "always") == 0 ? "Toujours" :
	    "A la demande"));
}

/* Describes a change of an account's mode or of a telephone's button. */
static char *
change_text(const struct view *v, struct arena *a, const json_t *detail)
{
	json_t	*button = json_object_get(detail, "button");

	if (button != NULL)
		return (arena_printf(a, "%s, RECORDING_BUTTON : %s",
		    get(detail, "telephone"), tr(v->lang,
		    json_is_true(button) ? "oui" : "non")));
	return (arena_printf(a, "%s → %s", mode_word(v->lang, get(detail,
	    "from")), mode_word(v->lang, get(detail, "to"))));
}

/*
 * Describes a row's detail in the arena, or returns NULL: it has none to show.
 */
static char *
detail_text(const struct view *v, struct arena *a, const json_t *item)
{
	const json_t	*detail = json_object_get(item, "detail");
	const char	*profile = get(detail, "profile");
	const char	*route = get(detail, "route");
	const char	*address = get(detail, "address");
	json_t		*results = json_object_get(detail, "results");
	json_t		*count = json_object_get(detail, "count");
	json_t		*created = json_object_get(detail, "created");
	json_t		*sessions = json_object_get(detail, "sessions");
	json_t		*active = json_object_get(detail, "active");

	if (json_is_integer(results))
		return (tr_count(a, v->lang, json_integer_value(results),
		    "{n} résultat", "{n} résultats"));
	if (json_is_integer(count))
		return (tr_count(a, v->lang, json_integer_value(count),
		    "{n} enregistrement", "{n} enregistrements"));
	if (json_is_integer(created))
		return (tr_count(a, v->lang, json_integer_value(created) +
		    json_integer_value(json_object_get(detail, "changed")),
		    "{n} compte", "{n} comptes"));
	if (profile != NULL)
		return (right_text(v, a, profile, json_object_get(
		    json_object_get(item, "about"), "sites")));
	if (json_is_integer(sessions))
		return (tr_count(a, v->lang, json_integer_value(sessions),
		    "{n} session", "{n} sessions"));
	if (json_is_boolean(active))
		return (arena_strdup(a, tr(v->lang, json_is_true(active) ?
		    "Service activé" : "Service coupé")));
	if (route != NULL)
		return (arena_printf(a, "%s %s", get(detail, "method"),
		    route));
	if (json_is_string(json_object_get(detail, "to")) ||
	    json_object_get(detail, "button") != NULL)
		return (change_text(v, a, detail));
	return (address == NULL ? NULL : arena_strdup(a, address));
}

/* Sets the name and the link of the account that a row is about. */
static void
put_account(const struct view *v, struct arena *a, const json_t *about,
    json_t *out)
{
	put(out, "account", get(about, "name"));
	put(out, "account_href", !json_is_object(about) ? NULL :
	    arena_printf(a, "%s/accounts/%s", v->base, get(about, "id")));
}

static json_t *
present_entry(const struct view *v, struct arena *a, json_t *item)
{
	const struct zone	*zone = zone_get(v->person->time_zone);
	const json_t		*person = json_object_get(item, "person");
	const char		*recording = get(item, "recording");
	const char		*at = get(item, "at");
	json_t			*out = json_copy(item);
	int64_t			 ms = 0;

	(void)clock_parse_utc(at, &ms);
	put(out, "date", words_date_short(a, v->lang, zone_civil(zone, ms),
	    zone_civil(zone, v->now_ms)));
	put(out, "who", json_is_object(person) ? get(person, "name") :
	    tr(v->lang, "Le service"));
	put(out, "email", get(person, "email"));
	put(out, "what", kind_word(v->lang, get(item, "kind")));
	put(out, "detail", detail_text(v, a, item));
	put_account(v, a, json_object_get(item, "about"), out);
	put(out, "call", recording == NULL ? NULL : arena_printf(a, "%s %s",
	    tr(v->lang, "appel du"), words_date_short(a, v->lang,
	    zone_civil(zone, call_ms(recording)),
	    zone_civil(zone, v->now_ms))));
	put(out, "href", recording == NULL || !v->person->supervisor ? NULL :
	    arena_printf(a, "%s/recordings/%s", v->base, recording));
	return (out);
}

static json_t *
audit_choice(const char *value, const char *label, const char *chosen)
{
	return (json_pack("{s:s, s:s, s:b}", "value", value, "label", label,
	    "selected", chosen != NULL && strcmp(chosen, value) == 0));
}

static void
put_choices(const struct view *v, const json_t *model, json_t *out)
{
	json_t		*people = json_array(), *words = json_array(), *one;
	const char	*person = params_get(v->query, "person");
	const char	*kind = params_get(v->query, "kind");
	size_t		 i;

	json_array_foreach(json_object_get(model, "people"), i, one)
		json_array_append_new(people, audit_choice(get(one, "id"),
		    get(one, "name"), person));
	for (i = 0; i < KINDS; i++)
		json_array_append_new(words, audit_choice(kinds[i].key,
		    tr(v->lang, kinds[i].word), kind));
	json_object_set_new(out, "people", people);
	json_object_set_new(out, "kinds", words);
	put(out, "from", params_get(v->query, "from"));
	put(out, "to", params_get(v->query, "to"));
}

/* Returns the link to path with the page's filter, and with after if any. */
static char *
audit_link(const struct view *v, struct arena *a, const char *path,
    const char *after)
{
	static const char *const	names[] = { "kind", "person",
	    "recording", "from", "to", NULL };

	return (params_link(a, arena_printf(a, "%s%s", v->base, path),
	    v->query, names, after));
}

static bool
filtered(const struct params *query)
{
	size_t	i;

	for (i = 0; i < query->count; i++)
		if (query->list[i].value[0] != '\0')
			return (true);
	return (false);
}

json_t *
present_audit(const struct view *v, json_t *model)
{
	struct arena	 a = { NULL };
	json_t		*out = json_object(), *rows = json_array(), *item;
	const char	*next = get(model, "next");
	size_t		 i;

	json_array_foreach(json_object_get(model, "items"), i, item)
		json_array_append_new(rows, present_entry(v, &a, item));
	put(out, "title", tr(v->lang, "Journal des accès"));
	put(out, "audit_href", arena_printf(&a, "%s/audit", v->base));
	put(out, "csv_href", audit_link(v, &a, "/audit.csv", NULL));
	put(out, "next_href", next == NULL ? NULL :
	    audit_link(v, &a, "/audit", next));
	put_choices(v, model, out);
	json_object_set_new(out, "has_items",
	    json_boolean(json_array_size(rows) > 0));
	json_object_set_new(out, "items", rows);
	json_object_set_new(out, "filtered",
	    json_boolean(filtered(v->query)));
	put(out, "on_audit", "page");
	arena_dispose(&a);
	return (out);
}
