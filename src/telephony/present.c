/* What the pages of the telephone side show, from what the API answers. */
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

static char *
id_text(struct arena *a, const json_t *object)
{
	return (arena_printf(a, "%lld", (long long)number_of(object, "id")));
}

/* The site that the breadcrumb names: the only one, or the chosen one. */
static const char *
crumb(const struct view *v, const json_t *sites, const char *chosen)
{
	struct arena	 a = { NULL };
	const char	*name = NULL;
	json_t		*site;
	size_t		 i;

	json_array_foreach(sites, i, site)
		if (json_array_size(sites) == 1 || (chosen != NULL &&
		    strcmp(id_text(&a, site), chosen) == 0))
			name = get(site, "name");
	arena_dispose(&a);
	return (name != NULL ? name : tr(v->lang, "Tous les sites"));
}

/* "Paris, Lyon", in the arena. */
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
	put(out, "site", crumb(v, sites, NULL));
	put(out, "site_names", names_of(&a, sites));
	put_flag(out, "service", json_array_size(sites) > 0);
	put_flag(out, "on_telephony", true);
	arena_dispose(&a);
	return (out);
}

/* --- the tab Activation --------------------------------------------------- */

static json_t *
present_numbers(const struct view *v, struct arena *a, const json_t *account)
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
present_account(const struct view *v, struct arena *a, const json_t *account,
    bool several_sites)
{
	const json_t	*recording = json_object_get(account, "recording");
	bool		 active = json_is_true(json_object_get(recording,
			    "active"));
	bool		 always = strcmp(get(recording, "mode"),
			    "always") == 0;
	json_t		*out = json_object();

	put(out, "id", id_text(a, account));
	put(out, "name", get(account, "name"));
	put(out, "site_name", several_sites ? get(
	    json_object_get(account, "site"), "name") : NULL);
	put(out, "was", !active ? "off" : get(recording, "mode"));
	put_flag(out, "active", active);
	put_flag(out, "always", always);
	json_object_set_new(out, "numbers", present_numbers(v, a, account));
	return (out);
}

static json_t *
present_accounts(const struct view *v, struct arena *a, const json_t *model)
{
	json_t	*list = json_array(), *account;
	bool	 several = json_array_size(json_object_get(model, "sites")) >
		    1;
	size_t	 i;

	json_array_foreach(json_object_get(model, "items"), i, account)
		json_array_append_new(list, present_account(v, a, account,
		    several));
	return (list);
}

static json_t *
present_sites(const struct view *v, struct arena *a, const json_t *sites)
{
	const char	*chosen = params_get(v->query, "site");
	json_t		*list = json_array(), *site;
	const char	*id;
	size_t		 i;

	json_array_foreach(sites, i, site) {
		id = id_text(a, site);
		json_array_append_new(list, json_pack("{s:s, s:s, s:b}",
		    "id", id, "name", get(site, "name"), "selected",
		    chosen != NULL && strcmp(id, chosen) == 0));
	}
	return (list);
}

/* The tab's address with its filter, at the page that begins behind an
 * account, or at the first. In the arena. */
static char *
link_to(const struct view *v, struct arena *a, const char *after)
{
	static const char *const	names[] = { "q", "site", NULL };

	return (params_link(a, arena_printf(a, "%s/telephony/activation",
	    v->base), v->query, names, after));
}

/* What the change behind this page has done: its numbers are in the address,
 * see change.c. Each in its words. */
static const struct said {
	const char	*name, *one, *many;
} saids[] = {
	{ "on", "{n} compte activé", "{n} comptes activés" },
	{ "off", "{n} compte désactivé", "{n} comptes désactivés" },
	{ "always", "{n} compte passé en mode Toujours",
	    "{n} comptes passés en mode Toujours" },
	{ "on_demand", "{n} compte passé en mode A la demande",
	    "{n} comptes passés en mode A la demande" },
};

/* NULL: the page comes from no change. */
static char *
saved(const struct view *v, struct arena *a)
{
	struct buf	 b = { NULL, 0, 0 };
	const char	*value;
	char		*text;
	int64_t		 n;
	size_t		 i;

	if (params_get(v->query, "saved") == NULL)
		return (NULL);
	for (i = 0; i < sizeof(saids) / sizeof(saids[0]); i++) {
		value = params_get(v->query, saids[i].name);
		if (value == NULL || !text_int64(value, 1, INT32_MAX, &n))
			continue;
		buf_printf(&b, "%s%s", b.len > 0 ? ", " : "", tr_count(a,
		    v->lang, n, saids[i].one, saids[i].many));
	}
	text = arena_printf(a, "%s.", b.len > 0 ? b.data :
	    tr(v->lang, "Aucun changement"));
	buf_dispose(&b);
	return (text);
}

/* "11 comptes, 9 enregistrés"; of a search, how many it found. */
static char *
summary(const struct view *v, struct arena *a, const json_t *model)
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
	json_t		*next = json_object_get(model, "next");
	json_t		*out = json_object(), *items;
	const char	*site = params_get(v->query, "site");
	const char	*after = params_get(v->query, "after");

	items = present_accounts(v, &a, model);
	put(out, "title", tr(v->lang, "Activation"));
	put(out, "site", crumb(v, sites, site));
	put(out, "site_id", site);
	put(out, "q", params_get(v->query, "q"));
	put(out, "after", after);
	put(out, "total", words_number(&a, v->lang,
	    number_of(model, "total")));
	put(out, "summary", summary(v, &a, model));
	put(out, "saved", saved(v, &a));
	put(out, "apply_label", tr_count(&a, v->lang,
	    (int64_t)json_array_size(items), "Le compte affiché",
	    "Les {n} comptes affichés"));
	put(out, "here", link_to(v, &a, after));
	put(out, "first_href", after == NULL ? NULL : link_to(v, &a, NULL));
	put(out, "next_href", !json_is_integer(next) ? NULL : link_to(v, &a,
	    arena_printf(&a, "%lld", (long long)json_integer_value(next))));
	put_flag(out, "service", json_array_size(sites) > 0);
	put_flag(out, "several_sites", json_array_size(sites) > 1);
	put_flag(out, "has_items", json_array_size(items) > 0);
	put_flag(out, "on_telephony", true);
	put_flag(out, "on_activation", true);
	json_object_set_new(out, "items", items);
	json_object_set_new(out, "sites", present_sites(v, &a, sites));
	arena_dispose(&a);
	return (out);
}

/* --- help ----------------------------------------------------------------- */

/* How long each site keeps recordings: one sentence where they agree. */
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
