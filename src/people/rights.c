/*
 * Replaces the profiles of an account: a profile that is not asked for is
 * withdrawn, one that is given waits for a second person (202). The rules are
 * in account_rights_set().
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "people/people.h"
#include "server/access.h"
#include "server/form.h"
#include "server/model.h"
#include "server/reply.h"

#define SITES_MAX	200
#define VERSION_MAX	64

/* Returns the sites checked in the form; NULL when one is not valid. */
static json_t *
ticked_sites(const struct params *form)
{
	json_t		*sites = json_array();
	const char	*id;
	size_t		 i;

	for (i = 0; i < form->count; i++) {
		if (strcmp(form->list[i].name, "site") != 0)
			continue;
		id = form->list[i].value;
		if (!uuid_valid(id)) {
			json_decref(sites);
			return (NULL);
		}
		json_array_append_new(sites, json_string(id));
	}
	return (sites);
}

/* Returns the form's choice: null, "all" or the sites; NULL if not valid. */
static json_t *
chosen_sites(struct ctx *c)
{
	const char	*choice = ctx_field(c, "supervisor");

	if (choice == NULL)
		return (NULL);
	if (strcmp(choice, "none") == 0)
		return (json_null());
	if (strcmp(choice, "all") == 0)
		return (json_string("all"));
	return (strcmp(choice, "sites") == 0 ? ticked_sites(&c->form) : NULL);
}

static bool
sites_valid(const json_t *sites)
{
	const char	*all = json_string_value(sites);
	json_t		*site;
	size_t		 i;

	if (json_is_null(sites) || (all != NULL && strcmp(all, "all") == 0))
		return (true);
	if (!json_is_array(sites) || json_array_size(sites) > SITES_MAX)
		return (false);
	json_array_foreach(sites, i, site)
		if (!json_is_string(site) ||
		    !uuid_valid(json_string_value(site)))
			return (false);
	return (true);
}

/*
 * Returns {"supervisor", "administrator"} as account_rights_set() takes it,
 * JSON text in the arena; NULL after a reply of 400.
 */
static const char *
read_wanted(struct ctx *c)
{
	json_t		*sites, *administrator, *wanted;
	const char	*copy;
	char		*text;

	sites = c->surface == API ?
	    json_incref(json_object_get(c->body, "supervisor")) :
	    chosen_sites(c);
	administrator = c->surface == API ?
	    json_object_get(c->body, "administrator") :
	    json_boolean(ctx_field(c, "administrator") != NULL);
	if (!sites_valid(sites) || !json_is_boolean(administrator)) {
		reply_invalid(c, sites_valid(sites) ? "administrator" :
		    "supervisor", "Les droits demandés n’ont pas la forme "
		    "attendue.");
		json_decref(sites);
		return (NULL);
	}
	wanted = json_pack("{s:o, s:O}", "supervisor", sites,
	    "administrator", administrator);
	text = json_dumps(wanted, JSON_COMPACT);
	copy = arena_strdup(&c->arena, text);
	free(text);
	json_decref(wanted);
	return (copy);
}

/*
 * Replies with the refusal: in the form or, when the person may not see the
 * form any more, on a page with a link to the account.
 */
static void
reply_refused(struct ctx *c, enum result result, struct db_rows *rows)
{
	static const struct form_page	 page = {
		"people/account", present_account, SQL_PEOPLE_SHOW
	};
	const char			*params[1] = { c->id };

	if (result == DENIED) {
		access_refused(c);
		reply_problem_way(c, 403, "forbidden", db_message(rows),
		    arena_printf(&c->arena, "/accounts/%s", c->id),
		    "Revenir au compte");
	} else
		form_refused(c, result, rows, &page, params, 1);
}

/* Replies; a person who has just lost the console is sent to the board. */
static void
rights_set(struct ctx *c, enum result result, struct db_rows *rows, void *arg)
{
	json_t	*answer;
	bool	 waits;

	(void)arg;
	if (result != OK && db_message(rows) != NULL) {
		reply_refused(c, result, rows);
		return;
	}
	if (result != OK || (answer = model_of(rows)) == NULL) {
		reply_result(c, result == OK ? NOT_FOUND : result);
		return;
	}
	waits = json_is_true(json_object_get(answer, "waits"));
	if (c->surface == API)
		reply_value(c, waits ? 202 : 200, json_incref(answer));
	else if (json_is_true(json_object_get(answer, "console")))
		reply_redirect(c, arena_printf(&c->arena,
		    "%s/accounts/%s?done=%s", c->base, c->id,
		    waits ? "waits" : "1"));
	else
		reply_redirect(c, "/board/recordings");
	json_decref(answer);
}

void
account_rights(struct ctx *c)
{
	const char	*params[3] = { c->id, NULL, ctx_field(c, "version") };

	if (!uuid_valid(c->id))
		reply_result(c, NOT_FOUND);
	else if (params[2] == NULL || strlen(params[2]) > VERSION_MAX)
		reply_invalid(c, "version", "Il manque la version des droits "
		    "que vous modifiez.");
	else if ((params[1] = read_wanted(c)) != NULL)
		ask_all(c, SQL_PEOPLE_RIGHTS_SET, params, 3, rights_set, NULL);
}
