/*
 * The values of the page of acts that wait for a second person, and of the
 * contract holder's page: who asked for what, when, for whom. Pure.
 */
#include <string.h>

#include "base/clock.h"
#include "base/zone.h"
#include "people/people.h"
#include "server/model.h"

static const struct {
	const char	*key, *word;
} fields[] = {
	{ "supervisor", "Profil Superviseur" },
	{ "administrator", "Profil Administrateur" },
	{ "email", "E-mail" },
	{ "site", "Site" },
	{ "fixed", "Fixe" },
	{ "mobile", "Mobile" },
};

const char *
confirmation_field(enum lang lang, const char *key)
{
	size_t	i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(fields[i].key, key) == 0)
			return (tr(lang, fields[i].word));
	return (key);
}

/* Returns the text of a value: "all" is all sites; NULL for none. */
static const char *
value_text(const struct view *v, const json_t *change, const char *name)
{
	const char	*text = get(change, name);

	if (text == NULL || *text == '\0')
		return (NULL);
	return (strcmp(get(change, "field"), "supervisor") == 0 &&
	    strcmp(text, "all") == 0 ? tr(v->lang, "Tous les sites") : text);
}

static json_t *
present_change(const struct view *v, struct arena *a, const json_t *change)
{
	const json_t	*account = json_object_get(change, "account");
	const char	*name = get(account, "name");
	json_t		*out = json_object();

	put(out, "name", name != NULL ? name : get(change, "key"));
	put(out, "key", get(change, "key"));
	put(out, "email", get(account, "email"));
	put(out, "account_href", name == NULL || v->person == NULL ? NULL :
	    arena_printf(a, "%s/accounts/%s", v->base, get(account, "id")));
	put(out, "field", confirmation_field(v->lang, get(change, "field")));
	put(out, "from", value_text(v, change, "from"));
	put(out, "to", value_text(v, change, "to"));
	json_object_set(out, "suspends", json_object_get(change, "suspends"));
	return (out);
}

/* Sets the date of the instant in the zone, or in that of the person. */
static void
put_date(const struct view *v, struct arena *a, const char *instant,
    const char *zone_name, json_t *out)
{
	const struct zone	*zone = zone_get(zone_name != NULL ?
				    zone_name : v->person->time_zone);
	int64_t			 ms = 0;

	(void)clock_parse_utc(instant, &ms);
	put(out, "date", words_date_short(a, v->lang, zone_civil(zone, ms),
	    zone_civil(zone, v->now_ms)));
}

/* Says who decides: "wait" is null for those who may confirm. */
static void
put_wait(const struct view *v, const json_t *item, json_t *out)
{
	const char	*waits = get(item, "waits_for");
	const char	*text;

	if (json_is_true(json_object_get(item, "may_confirm")))
		text = NULL;
	else if (strcmp(waits, "holder") == 0)
		text = tr(v->lang, "Attend le titulaire du contrat, qui a "
		    "reçu un lien par e-mail.");
	else if (strcmp(waits, "operator") == 0)
		text = tr(v->lang, "Attend votre opérateur : personne d’autre "
		    "ici ne peut confirmer.");
	else if (json_is_true(json_object_get(item, "mine")))
		text = tr(v->lang, "Attend une deuxième personne.");
	else
		text = tr(v->lang, "Attend une autre personne : vos comptes "
		    "sont liés depuis moins de 30 jours.");
	put(out, "wait", text);
}

static json_t *
present_item(const struct view *v, struct arena *a, const json_t *item)
{
	json_t		*out = json_object(), *changes = json_array(), *one;
	size_t		 i;

	json_array_foreach(json_object_get(item, "changes"), i, one)
		json_array_append_new(changes, present_change(v, a, one));
	put(out, "id", get(item, "id"));
	put(out, "title", strcmp(get(item, "kind"), "rights") == 0 ?
	    tr(v->lang, "Profil donné") : tr(v->lang, "Comptes importés"));
	put(out, "made_by", get(json_object_get(item, "made_by"), "name"));
	put(out, "made_at", get(item, "made_at"));
	put_date(v, a, get(item, "made_at"), get(item, "time_zone"), out);
	put_wait(v, item, out);
	json_object_set(out, "mine", json_object_get(item, "mine"));
	json_object_set_new(out, "changes", changes);
	return (out);
}

static json_t *
present_notice(const struct view *v, struct arena *a, const json_t *notice)
{
	const json_t	*account = json_object_get(notice, "account");
	const char	*sites = get(notice, "sites");
	json_t		*out = json_object();

	put(out, "id", get(notice, "id"));
	put(out, "name", get(account, "name"));
	put(out, "account_href", arena_printf(a, "%s/accounts/%s", v->base,
	    get(account, "id")));
	put(out, "profile", confirmation_field(v->lang,
	    get(notice, "profile")));
	put(out, "sites", sites == NULL ? NULL : strcmp(sites, "all") == 0 ?
	    tr(v->lang, "Tous les sites") : sites);
	put(out, "at", get(notice, "at"));
	put_date(v, a, get(notice, "at"), NULL, out);
	return (out);
}

json_t *
present_confirmations(const struct view *v, json_t *model)
{
	struct arena	 a = { NULL };
	const char	*done = params_get(v->query, "done");
	const char	*problem = get(model, "problem");
	json_t		*out = json_object(), *items = json_array(), *one;
	json_t		*notices = json_array();
	size_t		 i;

	json_array_foreach(json_object_get(model, "items"), i, one)
		json_array_append_new(items, present_item(v, &a, one));
	json_array_foreach(json_object_get(model, "notices"), i, one)
		json_array_append_new(notices, present_notice(v, &a, one));
	put(out, "title", tr(v->lang, "Confirmations"));
	put(out, "list_href", arena_printf(&a, "%s/confirmations", v->base));
	put(out, "here", arena_printf(&a, "%s/confirmations", v->base));
	put(out, "notices_href", arena_printf(&a, "%s/notices", v->base));
	put(out, "problem", problem == NULL ? NULL : tr(v->lang, problem));
	put(out, "done", done == NULL ? NULL : strcmp(done, "confirmed") == 0 ?
	    tr(v->lang, "La demande est confirmée. Elle vaut dès maintenant.") :
	    tr(v->lang, "La demande est refusée. Rien n’a changé."));
	json_object_set_new(out, "has_items",
	    json_boolean(json_array_size(items) > 0));
	json_object_set_new(out, "items", items);
	json_object_set_new(out, "has_notices",
	    json_boolean(json_array_size(notices) > 0));
	json_object_set_new(out, "notices", notices);
	put(out, "on_confirmations", "page");
	arena_dispose(&a);
	return (out);
}

json_t *
present_confirmation_link(const struct view *v, json_t *model)
{
	struct arena	 a = { NULL };
	const char	*outcome = get(model, "outcome");
	json_t		*out;

	if (outcome == NULL) {
		out = present_item(v, &a, model);
		put(out, "tenant", get(model, "tenant"));
	} else
		out = json_object();
	put(out, "title", tr(v->lang, "Confirmer une demande"));
	put(out, "action", v->path);
	put(out, "done", outcome == NULL ? NULL :
	    strcmp(outcome, "confirmed") == 0 ?
	    tr(v->lang, "La demande est confirmée. Elle vaut dès maintenant.") :
	    tr(v->lang, "La demande est refusée. Rien n’a changé."));
	arena_dispose(&a);
	return (out);
}
