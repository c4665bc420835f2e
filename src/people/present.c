/*
 * The values of the pages of accounts: names, texts of profiles and numbers,
 * links. Pure. Texts live in the page's arena or the model.
 */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/zone.h"
#include "people/people.h"
#include "server/model.h"

static const struct word {
	const char	*key;
	const char	*word;
} profiles[] = {
	{ "supervisor", "Superviseur" },
	{ "administrator", "Administrateur" },
	{ NULL, NULL }
}, onepass[] = {
	{ "none", "Sans adresse e-mail : pas de compte OnePass" },
	{ "waiting", "Mot de passe pas encore choisi" },
	{ "active", "Actif" },
	{ "disabled", "Désactivé" },
	{ NULL, NULL }
};

static const char *
text_for_key(const struct word *w, enum lang lang, const char *key)
{
	while (w->key != NULL && strcmp(w->key, key) != 0)
		w++;
	return (w->key == NULL ? key : tr(lang, w->word));
}

/* Returns the name of a profile ("supervisor") in the page's language. */
static const char *
profile_word(enum lang lang, const char *key)
{
	return (text_for_key(profiles, lang, key));
}

/* Returns the path of an account's page. */
static char *
account_path(const struct view *v, struct arena *a, const json_t *account)
{
	return (arena_printf(a, "%s/accounts/%s", v->base,
	    get(account, "id")));
}

/* Returns the text, or NULL when it is empty. */
static const char *
nonempty(const char *text)
{
	return (text == NULL || *text == '\0' ? NULL : text);
}

/* Returns "Ada Roux"; the key of an account without a name. */
static char *
account_name(struct arena *a, const json_t *account)
{
	const char	*first = get(account, "first_name");
	const char	*last = get(account, "last_name");

	if (*first == '\0' && *last == '\0')
		return (arena_strdup(a, get(account, "key")));
	return (arena_printf(a, "%s%s%s", first,
	    *first != '\0' && *last != '\0' ? " " : "", last));
}

/* Returns the initials, last name first; NULL when there are none. */
static char *
initials(struct arena *a, const json_t *account)
{
	return (words_initials(a, arena_printf(a, "%s %s",
	    get(account, "last_name"), get(account, "first_name"))));
}

/* Returns "Paris, Lyon", or the text for all sites. */
static char *
sites_words(const struct view *v, struct arena *a, const json_t *sites)
{
	char	*text = arena_strdup(a, "");
	json_t	*site;
	size_t	 i;

	if (json_is_string(sites))
		return (arena_strdup(a, tr(v->lang, "Tous les sites")));
	json_array_foreach(sites, i, site)
		text = arena_printf(a, "%s%s%s", text, i == 0 ? "" : ", ",
		    get(site, "name"));
	return (text);
}

/* Returns the account's profiles; "user" when it has no other. */
static json_t *
present_profiles(const struct view *v, struct arena *a, const json_t *account)
{
	json_t		*list = json_array(), *profile;
	json_t		*sites = json_object_get(account, "sites");
	const char	*key;
	size_t		 i;

	json_array_foreach(json_object_get(account, "profiles"), i, profile) {
		key = json_string_value(profile);
		json_array_append_new(list, json_pack("{s:s, s:s, s:s?}",
		    "key", key, "word", profile_word(v->lang, key), "sites",
		    strcmp(key, "supervisor") == 0 && json_is_array(sites) ?
		    sites_words(v, a, sites) : NULL));
	}
	if (json_array_size(list) == 0)
		json_array_append_new(list, json_pack("{s:s, s:s, s:n}",
		    "key", "user", "word", tr(v->lang, "Utilisateur"),
		    "sites"));
	return (list);
}

static json_t *
account_row(const struct view *v, struct arena *a, json_t *account)
{
	const char	*last = get(account, "last_name");
	json_t		*out = json_copy(account);

	put(out, "href", account_path(v, a, account));
	put(out, "name", *last != '\0' ? last : account_name(a, account));
	put(out, "first_name", *last != '\0' ?
	    nonempty(get(account, "first_name")) : NULL);
	put(out, "initials", initials(a, account));
	put(out, "email", nonempty(get(account, "email")));
	put(out, "invitation", invitation_words(v, a, account));
	json_object_set_new(out, "profiles", present_profiles(v, a, account));
	return (out);
}

static char *
total_words(const struct view *v, struct arena *a, const json_t *model,
    bool found)
{
	int64_t	n = json_integer_value(json_object_get(model, "total"));

	if (json_is_true(json_object_get(model, "total_is_capped")))
		return (tr_count(a, v->lang, n, "Plus de {n} compte",
		    "Plus de {n} comptes"));
	if (found)
		return (tr_count(a, v->lang, n, "{n} compte trouvé",
		    "{n} comptes trouvés"));
	return (tr_count(a, v->lang, n, "{n} compte", "{n} comptes"));
}

/* Says how many acts wait for a second person, and how many rights are new. */
static void
put_attention(const struct view *v, struct arena *a, const json_t *attention,
    json_t *out)
{
	json_int_t	waiting, notices;

	waiting = json_integer_value(json_object_get(attention, "waiting"));
	notices = json_integer_value(json_object_get(attention, "notices"));
	json_object_set_new(out, "attention",
	    json_boolean(waiting + notices > 0));
	put(out, "confirmations_href", arena_printf(a, "%s/confirmations",
	    v->base));
	put(out, "waiting", waiting == 0 ? NULL : tr_count(a, v->lang, waiting,
	    "{n} demande attend une deuxième personne.",
	    "{n} demandes attendent une deuxième personne."));
	put(out, "notices", notices == 0 ? NULL : tr_count(a, v->lang, notices,
	    "{n} droit donné que vous n’avez pas encore vu.",
	    "{n} droits donnés que vous n’avez pas encore vus."));
}

json_t *
present_accounts(const struct view *v, json_t *model)
{
	static const char *const	 names[] = { "q", NULL };
	struct arena			 a = { NULL };
	json_t				*out = json_object(), *item;
	json_t				*rows = json_array();
	const char			*next = get(model, "next");
	const char			*q;
	char				*list;
	size_t				 i;

	q = nonempty(params_get(v->query, "q"));
	json_array_foreach(json_object_get(model, "items"), i, item)
		json_array_append_new(rows, account_row(v, &a, item));
	list = arena_printf(&a, "%s/accounts", v->base);
	put(out, "title", tr(v->lang, "Comptes"));
	put(out, "list_href", list);
	put(out, "q", q);
	put(out, "total", total_words(v, &a, model, q != NULL));
	put(out, "next_href", next == NULL ? NULL :
	    params_link(&a, list, v->query, names, next));
	put_attention(v, &a, json_object_get(model, "attention"), out);
	put(out, "import_href", !v->person->administrator ? NULL :
	    arena_printf(&a, "%s/accounts/imports", v->base));
	put(out, "csv_href", arena_printf(&a, "%s/accounts.csv", v->base));
	put(out, "invitations_href", !v->person->administrator ? NULL :
	    arena_printf(&a, "%s/accounts/invitations", v->base));
	json_object_set_new(out, "further",
	    json_boolean(params_get(v->query, "after") != NULL));
	json_object_set_new(out, "has_items",
	    json_boolean(json_array_size(rows) > 0));
	json_object_set_new(out, "items", rows);
	put(out, "on_accounts", "page");
	arena_dispose(&a);
	return (out);
}

/* --- an account ----------------------------------------------------------- */

static json_t *
account_numbers(const struct view *v, struct arena *a, const json_t *account)
{
	json_t		*list = json_array(), *n;
	bool		 mobile;
	size_t		 i;

	json_array_foreach(json_object_get(account, "numbers"), i, n) {
		mobile = strcmp(get(n, "kind"), "mobile") == 0;
		json_array_append_new(list, json_pack("{s:s, s:s}",
		    "number", words_phone(a, get(n, "number")),
		    "kind", tr(v->lang, mobile ? "mobile" : "fixe")));
	}
	return (list);
}

/*
 * Sets how the account is recorded. The form sends "was" back: POST
 * /accounts/recording compares with it.
 */
static void
put_recording(const struct view *v, const json_t *account, json_t *out)
{
	const json_t	*recording = json_object_get(account, "recording");
	const char	*mode = get(recording, "mode");
	bool		 active = json_is_true(json_object_get(recording,
			    "active"));

	put(out, "was", active ? mode : "off");
	json_object_set_new(out, "active", json_boolean(active));
	json_object_set_new(out, "always",
	    json_boolean(strcmp(mode, "always") == 0));
	json_object_set_new(out, "saved",
	    json_boolean(params_get(v->query, "saved") != NULL));
}

/* Sets what the page needs besides the telephones themselves. */
static void
put_telephones(const struct view *v, json_t *model, json_t *out)
{
	json_t	*list = json_object_get(model, "telephones"), *one;
	bool	 some_button = false;
	size_t	 i;

	json_array_foreach(list, i, one)
		if (json_is_true(json_object_get(one, "has_button")))
			some_button = true;
	json_object_set_new(out, "has_telephones",
	    json_boolean(json_array_size(list) > 0));
	json_object_set_new(out, "some_button", json_boolean(some_button));
	json_object_set_new(out, "buttons_saved",
	    json_boolean(params_get(v->query, "telephones") != NULL));
}

static json_t *
account_choice(const char *value, const char *label, bool checked)
{
	return (json_pack("{s:s, s:s, s:b}", "value", value, "label", label,
	    "checked", checked));
}

/*
 * Returns the choices of supervision. Administrators can't add to their own:
 * for oneself, only "none" and the current one.
 */
static json_t *
present_choices(const struct view *v, const json_t *sites, bool self)
{
	bool	 all = json_is_string(sites), some_sites = json_is_array(sites);
	json_t	*list = json_array();

	json_array_append_new(list, account_choice("none", tr(v->lang,
	    "Non : ses propres enregistrements seulement"),
	    !all && !some_sites));
	if (!self || all)
		json_array_append_new(list, account_choice("all", tr(v->lang,
		    "Tous les sites"), all));
	if (!self || some_sites)
		json_array_append_new(list, account_choice("sites", tr(v->lang,
		    "Certains sites"), some_sites));
	return (list);
}

static bool
has_site(const json_t *sites, const json_t *site)
{
	json_t	*one;
	size_t	 i;

	json_array_foreach(sites, i, one)
		if (json_equal(json_object_get(one, "id"),
		    json_object_get(site, "id")))
			return (true);
	return (false);
}

/* Returns the sites to choose from; for oneself, only the current ones. */
static json_t *
account_sites(const json_t *of_customer, const json_t *sites, bool self)
{
	json_t	*list = json_array(), *site;
	bool	 checked;
	size_t	 i;

	json_array_foreach(of_customer, i, site) {
		checked = has_site(sites, site);
		if (!self || checked)
			json_array_append_new(list, account_choice(
			    get(site, "id"), get(site, "name"), checked));
	}
	return (list);
}

/* Returns true when the refused form chose "some sites" and named none. */
static bool
asks_for_sites(const json_t *model)
{
	const json_t	*sent = json_object_get(model, "sent");
	const char	*choice = get(sent, "supervisor");

	return (choice != NULL && strcmp(choice, "sites") == 0 &&
	    get(sent, "site") == NULL);
}

/* Says whether the rights of the form are in force, or some of them wait. */
static void
put_done(const struct view *v, json_t *out)
{
	const char	*done = params_get(v->query, "done");

	put(out, "done", done == NULL ? NULL : strcmp(done, "waits") == 0 ?
	    tr(v->lang, "Le profil attend une deuxième personne : il vaudra "
	    "quand elle l’aura confirmé.") :
	    tr(v->lang, "Les droits sont enregistrés."));
}

/* Sets the form of rights as they are now, also after a conflict. */
static void
put_rights(const struct view *v, const json_t *model, json_t *out)
{
	const json_t	*administration, *sites;
	json_t		*profile, *none = NULL;
	bool		 self, administrator = false;
	size_t		 i;

	administration = json_object_get(model, "administration");
	sites = json_object_get(model, "sites");
	self = json_is_true(json_object_get(administration, "self"));
	json_array_foreach(json_object_get(model, "profiles"), i, profile)
		if (strcmp(json_string_value(profile), "administrator") == 0)
			administrator = true;
	if (asks_for_sites(model)) {
		sites = none = json_array();
		administrator = get(json_object_get(model, "sent"),
		    "administrator") != NULL;
	}
	put(out, "version", get(administration, "version"));
	json_object_set_new(out, "self", json_boolean(self));
	json_object_set_new(out, "administrator",
	    json_boolean(administrator));
	json_object_set_new(out, "may_have",
	    json_boolean(strcmp(get(model, "onepass"), "none") != 0));
	json_object_set_new(out, "choices", present_choices(v, sites, self));
	json_object_set_new(out, "sites", account_sites(
	    json_object_get(administration, "sites"), sites, self));
	put_done(v, out);
	json_decref(none);
}

/* Returns true for a person with an e-mail, without a password yet. */
static bool
invitable(const json_t *model)
{
	const char	*state = get(model, "onepass");

	return (nonempty(get(model, "email")) != NULL &&
	    strcmp(state, "active") != 0 && strcmp(state, "disabled") != 0);
}

static void
put_invitation(const struct view *v, const json_t *model, bool administrator,
    json_t *out)
{
	bool	 invited = params_get(v->query, "invited") != NULL;

	json_object_set_new(out, "invited", json_boolean(invited));
	json_object_set_new(out, "invitable", json_boolean(administrator &&
	    !invited && invitable(model)));
}

/* Sets what only administrators see: open sessions and the last sign-in. */
static void
put_administration(const struct view *v, struct arena *a,
    const json_t *administration, json_t *out)
{
	const struct zone	*zone = zone_get(v->person->time_zone);
	const char		*last = get(administration, "last_sign_in");
	int64_t			 ms = 0;

	put(out, "sessions", tr_count(a, v->lang, json_integer_value(
	    json_object_get(administration, "sessions")),
	    "{n} session ouverte", "{n} sessions ouvertes"));
	if (last != NULL && clock_parse_utc(last, &ms))
		put(out, "last_sign_in", words_date_short(a, v->lang,
		    zone_civil(zone, ms), zone_civil(zone, v->now_ms)));
	else
		put(out, "last_sign_in", tr(v->lang, "Jamais"));
}

/* Sets what waits for a second person about the account. */
static void
put_waiting(const struct view *v, struct arena *a, const json_t *model,
    json_t *out)
{
	json_t		*list = json_array(), *act, *field;
	const char	*names;
	size_t		 i, j;

	json_array_foreach(json_object_get(model, "waiting"), i, act) {
		names = "";
		json_array_foreach(json_object_get(act, "fields"), j, field)
			names = arena_printf(a, "%s%s%s", names, j == 0 ? "" :
			    ", ", confirmation_field(v->lang,
			    json_string_value(field)));
		json_array_append_new(list, json_pack("{s:s, s:s}", "what",
		    names, "made_by", get(act, "made_by")));
	}
	json_object_set_new(out, "has_waiting",
	    json_boolean(json_array_size(list) > 0));
	json_object_set_new(out, "waiting", list);
	put(out, "confirmations_href", !v->person->administrator &&
	    !person_supervises_all(v->person) ? NULL :
	    arena_printf(a, "%s/confirmations", v->base));
}

static void
put_identity(const struct view *v, struct arena *a, const json_t *model,
    json_t *out)
{
	const char	*href = account_path(v, a, model);

	put(out, "title", account_name(a, model));
	put(out, "email", nonempty(get(model, "email")));
	put(out, "initials", initials(a, model));
	put(out, "list_href", arena_printf(a, "%s/accounts", v->base));
	put(out, "href", href);
	put(out, "here", href);
	put(out, "onepass",
	    text_for_key(onepass, v->lang, get(model, "onepass")));
	put(out, "invitation", invitation_words(v, a, model));
	put(out, "onepass_key", get(model, "onepass"));
	put(out, "on_accounts", "true");
}

json_t *
present_account(const struct view *v, json_t *model)
{
	struct arena	 a = { NULL };
	json_t		*out = json_copy(model), *numbers;
	json_t		*sites = json_object_get(model, "sites");
	const json_t	*administration;

	administration = json_object_get(model, "administration");
	numbers = account_numbers(v, &a, model);
	put_identity(v, &a, model, out);
	put_waiting(v, &a, model, out);
	put_recording(v, model, out);
	put_telephones(v, model, out);
	json_object_set_new(out, "has_numbers",
	    json_boolean(json_array_size(numbers) > 0));
	json_object_set_new(out, "numbers", numbers);
	json_object_set_new(out, "profiles", present_profiles(v, &a, model));
	put(out, "supervised", json_is_null(sites) ? NULL :
	    sites_words(v, &a, sites));
	json_object_set_new(out, "administration",
	    json_boolean(json_is_object(administration)));
	if (json_is_object(administration)) {
		put_administration(v, &a, administration, out);
		put_rights(v, model, out);
	}
	put_invitation(v, model, json_is_object(administration), out);
	arena_dispose(&a);
	return (out);
}
