/* The values of the telephony pages, from the models that the API sends. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "server/model.h"
#include "telephony/telephony.h"

static void
put_flag(json_t *object, const char *name, bool value)
{
	json_object_set_new(object, name, json_boolean(value));
}

static json_int_t
number_of(const json_t *object, const char *name)
{
	return (json_integer_value(json_object_get(object, name)));
}

/* Returns the site that the breadcrumb names: the only or the chosen one. */
static const char *
site_crumb(const struct view *v, const json_t *sites, const char *chosen)
{
	struct arena	 a = { NULL };
	const char	*name = NULL;
	json_t		*site;
	size_t		 i;

	json_array_foreach(sites, i, site)
		if (json_array_size(sites) == 1 || (chosen != NULL &&
		    strcmp(get(site, "id"), chosen) == 0))
			name = get(site, "name");
	arena_dispose(&a);
	return (name != NULL ? name : tr(v->lang, "Tous les sites"));
}

/* Returns the sites' names in the arena: "Paris, Lyon". */
static char *
names_of(struct arena *a, const json_t *sites)
{
	struct buf	 b = { NULL, 0, 0 };
	json_t		*site;
	char		*text;
	size_t		 i;

	json_array_foreach(sites, i, site)
		buf_printf(&b, "%s%s", i == 0 ? "" : ", ",
		    get(site, "name"));
	text = arena_strdup(a, b.len > 0 ? b.data : "");
	buf_dispose(&b);
	return (text);
}

json_t *
present_services(const struct view *v, json_t *model)
{
	struct arena	 a = { NULL };
	json_t		*sites = json_object_get(model, "sites");
	json_t		*out = json_object();

	put(out, "title", tr(v->lang, "Téléphonie"));
	put(out, "site", site_crumb(v, sites, NULL));
	put(out, "site_names", names_of(&a, sites));
	put_flag(out, "service", json_array_size(sites) > 0);
	put_flag(out, "on_telephony", true);
	arena_dispose(&a);
	return (out);
}

/* --- the tab Activation --------------------------------------------------- */

static json_t *
activation_numbers(const struct view *v, struct arena *a, const json_t *account)
{
	json_t	*list = json_array(), *number;
	bool	 mobile;
	size_t	 i;

	json_array_foreach(json_object_get(account, "numbers"), i, number) {
		mobile = strcmp(get(number, "kind"), "mobile") == 0;
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}",
		    "text", words_phone(a, get(number, "number")),
		    "kind", tr(v->lang, mobile ? "mobile" : "fixe"),
		    "icon", mobile ? "mobile" : "phone"));
	}
	return (list);
}

static json_t *
activation_account(const struct view *v, struct arena *a, const json_t *account,
    bool several_sites)
{
	const json_t	*recording = json_object_get(account, "recording");
	bool		 active = json_is_true(json_object_get(recording,
			    "active"));
	bool		 always = strcmp(get(recording, "mode"),
			    "always") == 0;
	json_t		*out = json_copy((json_t *)account);

	put(out, "site_name", several_sites ? get(
	    json_object_get(account, "site"), "name") : NULL);
	put(out, "was", !active ? "off" : get(recording, "mode"));
	put_flag(out, "active", active);
	put_flag(out, "always", always);
	json_object_set_new(out, "numbers", activation_numbers(v, a, account));
	return (out);
}

static json_t *
activation_accounts(const struct view *v, struct arena *a, const json_t *model)
{
	json_t	*list = json_array(), *account;
	bool	 several = json_array_size(json_object_get(model, "sites")) >
		    1;
	size_t	 i;

	json_array_foreach(json_object_get(model, "items"), i, account)
		json_array_append_new(list, activation_account(v, a, account,
		    several));
	return (list);
}

static json_t *
activation_sites(const struct view *v, const json_t *sites)
{
	const char	*chosen = params_get(v->query, "site");
	json_t		*list = json_array(), *site;
	const char	*id;
	size_t		 i;

	json_array_foreach(sites, i, site) {
		id = get(site, "id");
		json_array_append_new(list, json_pack("{s:s, s:s, s:b}",
		    "id", id, "name", get(site, "name"), "selected",
		    chosen != NULL && strcmp(id, chosen) == 0));
	}
	return (list);
}

/*
 * Returns the tab's address with its filter in the arena: the page after an
 * account, or the first page (NULL).
 */
static char *
activation_link(const struct view *v, struct arena *a, const char *after)
{
	static const char *const	names[] = { "q", "site", NULL };

	return (params_link(a, arena_printf(a, "%s/telephony/activation",
	    v->base), v->query, names, after));
}

/* The counts of a change, which change.c puts in the address; their texts. */
static const struct saved_count {
	const char	*name, *one, *many;
} saved_texts[] = {
	{ "on", "{n} compte activé", "{n} comptes activés" },
	{ "off", "{n} compte désactivé", "{n} comptes désactivés" },
	{ "always", "{n} compte passé en mode Toujours",
	    "{n} comptes passés en mode Toujours" },
	{ "on_demand", "{n} compte passé en mode A la demande",
	    "{n} comptes passés en mode A la demande" },
};

/* Returns what a change has done; NULL when the page follows no change. */
static char *
saved_text(const struct view *v, struct arena *a)
{
	struct buf	 b = { NULL, 0, 0 };
	const char	*value;
	char		*text;
	int64_t		 n;
	size_t		 i;

	if (params_get(v->query, "saved") == NULL)
		return (NULL);
	for (i = 0; i < sizeof(saved_texts) / sizeof(saved_texts[0]); i++) {
		value = params_get(v->query, saved_texts[i].name);
		if (value == NULL || !text_int64(value, 1, INT32_MAX, &n))
			continue;
		buf_printf(&b, "%s%s", b.len > 0 ? ", " : "", tr_count(a,
		    v->lang, n, saved_texts[i].one, saved_texts[i].many));
	}
	text = arena_printf(a, "%s.", b.len > 0 ? b.data :
	    tr(v->lang, "Aucun changement"));
	buf_dispose(&b);
	return (text);
}

/* Returns how many accounts are recorded or, after a search, were found. */
static char *
accounts_summary(const struct view *v, struct arena *a, const json_t *model)
{
	const char	*q = params_get(v->query, "q");

	if (q != NULL && *q != '\0')
		return (tr_count(a, v->lang, number_of(model, "found"),
		    "{n} compte trouvé", "{n} comptes trouvés"));
	return (tr_count(a, v->lang, number_of(model, "recorded"),
	    "{n} compte enregistré", "{n} comptes enregistrés"));
}

json_t *
present_activation(const struct view *v, json_t *model)
{
	struct arena	 a = { NULL };
	json_t		*sites = json_object_get(model, "sites");
	const char	*next = get(model, "next");
	json_t		*out = json_object(), *items;
	const char	*site = params_get(v->query, "site");
	const char	*after = params_get(v->query, "after");

	items = activation_accounts(v, &a, model);
	put(out, "title", tr(v->lang, "Activation"));
	put(out, "site", site_crumb(v, sites, site));
	put(out, "site_id", site);
	put(out, "q", params_get(v->query, "q"));
	put(out, "after", after);
	put(out, "total", words_number(&a, v->lang,
	    number_of(model, "total")));
	put(out, "summary", accounts_summary(v, &a, model));
	put(out, "saved", saved_text(v, &a));
	put(out, "apply_label", tr_count(&a, v->lang,
	    (int64_t)json_array_size(items), "Le compte affiché",
	    "Les {n} comptes affichés"));
	put(out, "here", activation_link(v, &a, after));
	put(out, "first_href",
	    after == NULL ? NULL : activation_link(v, &a, NULL));
	put(out, "next_href",
	    next == NULL ? NULL : activation_link(v, &a, next));
	put_flag(out, "service", json_array_size(sites) > 0);
	put_flag(out, "several_sites", json_array_size(sites) > 1);
	put_flag(out, "has_items", json_array_size(items) > 0);
	put_flag(out, "on_telephony", true);
	put_flag(out, "on_activation", true);
	json_object_set_new(out, "items", items);
	json_object_set_new(out, "sites", activation_sites(v, sites));
	arena_dispose(&a);
	return (out);
}

/* --- help ----------------------------------------------------------------- */

/*
 * Sets how long each site keeps recordings ("sites"), and one sentence ("days")
 * when it is the same for all.
 */
static void
put_retention(const struct view *v, struct arena *a, const json_t *sites,
    json_t *out)
{
	json_int_t	 days = number_of(json_array_get(sites, 0),
			    "retention_days");
	json_t		*list = json_array(), *site;
	bool		 same = true;
	size_t		 i;

	json_array_foreach(sites, i, site) {
		same = same && number_of(site, "retention_days") == days;
		json_array_append_new(list, json_pack("{s:s, s:s}", "name",
		    get(site, "name"), "days", tr_count(a, v->lang,
		    number_of(site, "retention_days"), "{n} jour",
		    "{n} jours")));
	}
	put(out, "days", same && days > 0 ? tr_count(a, v->lang, days,
	    "Les enregistrements et leurs transcriptions sont gardés {n} "
	    "jour, puis supprimés automatiquement.",
	    "Les enregistrements et leurs transcriptions sont gardés {n} "
	    "jours, puis supprimés automatiquement.") : NULL);
	json_object_set_new(out, "sites", list);
}

json_t *
present_help(const struct view *v, json_t *model)
{
	struct arena	 a = { NULL };
	json_t		*out = json_object();

	put(out, "title", tr(v->lang, "Aide"));
	put_retention(v, &a, json_object_get(model, "sites"), out);
	json_object_set(out, "announce_stop",
	    json_object_get(model, "announce_stop"));
	put_flag(out, "on_help", true);
	arena_dispose(&a);
	return (out);
}
