/*
 * Changes which accounts are recorded and how, many accounts at once, all or
 * none. The API sends ids and one change; a page sends its rows as they were
 * and as they are now. Both become the list that recording_change() takes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "server/model.h"
#include "server/reply.h"
#include "telephony/telephony.h"

#define IDS_MAX	1000

/* The counts of recording_change(), which the redirect repeats. */
static const char *const count_names[] = {
	"on", "off", "always", "on_demand", NULL
};

static bool
mode_valid(const char *mode)
{
	return (mode != NULL && (strcmp(mode, "always") == 0 ||
	    strcmp(mode, "on_demand") == 0));
}

/* --- requests of the API -------------------------------------------------- */

/* Returns the field of {active, mode} that is not valid, or NULL. */
static const char *
change_problem(json_t *change)
{
	const char	*name;
	json_t		*value;

	if (!json_is_object(change) || json_object_size(change) == 0)
		return ("recording");
	json_object_foreach(change, name, value) {
		if (strcmp(name, "active") == 0 && !json_is_boolean(value))
			return ("recording.active");
		if (strcmp(name, "mode") == 0 &&
		    !mode_valid(json_string_value(value)))
			return ("recording.mode");
		if (strcmp(name, "active") != 0 && strcmp(name, "mode") != 0)
			return ("recording");
	}
	return (NULL);
}

static bool
ids_valid(const json_t *ids)
{
	const char	*id;
	size_t		 i, n = json_array_size(ids);

	for (i = 0; i < n; i++) {
		id = json_string_value(json_array_get(ids, i));
		if (id == NULL || !uuid_valid(id))
			return (false);
	}
	return (n >= 1 && n <= IDS_MAX);
}

/* Returns the change of each account; NULL after a reply of 400. */
static json_t *
changes_of_json(struct ctx *c)
{
	json_t		*ids = json_object_get(c->body, "ids");
	json_t		*change = json_object_get(c->body, "recording");
	json_t		*list, *one, *id;
	const char	*field;
	size_t		 i;

	if (!ids_valid(ids)) {
		reply_invalid(c, "ids", "De 1 à 1 000 identifiants de compte "
		    "sont attendus.");
		return (NULL);
	}
	if ((field = change_problem(change)) != NULL) {
		reply_invalid(c, field, "Le réglage attendu est {active, "
		    "mode: always ou on_demand}, ou une partie.");
		return (NULL);
	}
	list = json_array();
	json_array_foreach(ids, i, id) {
		one = json_copy(change);
		json_object_set(one, "id", id);
		json_array_append_new(list, one);
	}
	return (list);
}

/* --- forms of pages ------------------------------------------------------- */

/* A row of the form, as it was when the page was made. */
struct row {
	char		 id[37];	/* of its account */
	const char	*was;		/* off, always, on_demand */
};

/* Reads "<id>:always"; returns false when it is not valid. */
static bool
row_read(const char *text, struct row *r)
{
	const char	*colon = strchr(text, ':');

	if (colon == NULL || (size_t)(colon - text) >= sizeof(r->id))
		return (false);
	memcpy(r->id, text, (size_t)(colon - text));
	r->id[colon - text] = '\0';
	r->was = colon + 1;
	return (uuid_valid(r->id) &&
	    (strcmp(r->was, "off") == 0 || mode_valid(r->was)));
}

/*
 * Returns the change of a row: {"id"} and what differs from before. The wanted
 * state is the row's checkbox and mode or, with "apply", that of all rows.
 */
static json_t *
row_change(struct ctx *c, const struct row *r)
{
	json_t		*one = json_pack("{s:s}", "id", r->id);
	const char	*all = NULL, *mode;
	bool		 active;

	if (params_get(&c->form, "apply") != NULL)
		all = params_get(&c->form, "all");
	mode = all != NULL ? all : params_get(&c->form, arena_printf(
	    &c->arena, "mode-%s", r->id));
	active = all != NULL ? strcmp(all, "off") != 0 :
	    params_has(&c->form, "active", r->id);
	if (active != (strcmp(r->was, "off") != 0))
		json_object_set_new(one, "active", json_boolean(active));
	if (active && mode_valid(mode) && strcmp(mode, r->was) != 0)
		json_object_set_new(one, "mode", json_string(mode));
	return (one);
}

/* Returns the changes of the rows that differ; NULL after a reply of 400. */
static json_t *
changes_of_form(struct ctx *c)
{
	json_t		*list = json_array(), *one;
	struct row	 r;
	size_t		 i;

	for (i = 0; i < c->form.count; i++) {
		if (strcmp(c->form.list[i].name, "account") != 0)
			continue;
		if (!row_read(c->form.list[i].value, &r)) {
			reply_invalid(c, "account",
			    "Cette valeur ne convient pas.");
			json_decref(list);
			return (NULL);
		}
		one = row_change(c, &r);
		if (json_object_size(one) > 1)
			json_array_append(list, one);
		json_decref(one);
	}
	return (list);
}

/* --- writing -------------------------------------------------------------- */

/* Returns the page of the form: an account's, or the tab with its filter. */
static const char *
page_of_form(struct ctx *c)
{
	static const char *const	 names[] = { "q", "site", "after",
	    NULL };
	const char			*one = params_get(&c->form, "from");

	if (one != NULL && uuid_valid(one))
		return (arena_printf(&c->arena, "%s/accounts/%s", c->base,
		    one));
	return (params_link(&c->arena, arena_printf(&c->arena,
	    "%s/telephony/activation", c->base), &c->form, names, NULL));
}

/* Redirects to the page of the form, with the counts of what changed. */
static void
redirect_changed(struct ctx *c, const json_t *answer)
{
	const char	*page = page_of_form(c);
	struct buf	 to = { NULL, 0, 0 };
	json_int_t	 n;
	int		 i;

	buf_printf(&to, "%s%csaved=1", page,
	    strchr(page, '?') == NULL ? '?' : '&');
	for (i = 0; count_names[i] != NULL; i++) {
		n = json_integer_value(json_object_get(answer, count_names[i]));
		if (n > 0)
			buf_printf(
			    &to, "&%s=%lld", count_names[i], (long long)n);
	}
	reply_redirect(c, to.data);
	buf_dispose(&to);
}

/* Replies 409: the site is without the service. */
static void
reply_inactive(struct ctx *c, const char *site)
{
	const char	*said = tr(c->lang, "Smart Record AI n’est pas activé "
			    "sur le site {}.");
	const char	*at = strstr(said, "{}");

	reply_problem_with(c, 409, "service-inactive", arena_printf(&c->arena,
	    "%.*s%s%s", (int)(at - said), said, site, at + 2),
	    json_pack("{s:s}", "site", site));
}

static void
recording_changed(struct ctx *c, struct db_rows *rows, void *arg)
{
	json_t		*answer;
	const char	*site;

	(void)arg;
	if ((answer = model_of(rows)) == NULL) {
		reply_result(c, NOT_FOUND);
		return;
	}
	site = json_string_value(json_object_get(answer, "site"));
	json_object_del(answer, "outcome");
	if (site != NULL)
		reply_inactive(c, site);
	else if (c->surface == API)
		reply_value(c, 200, json_incref(answer));
	else
		redirect_changed(c, answer);
	json_decref(answer);
}

void
recording_change(struct ctx *c)
{
	json_t		*list;
	char		*text;
	const char	*params[1];

	list = c->surface == API ? changes_of_json(c) : changes_of_form(c);
	if (list == NULL)
		return;
	text = json_dumps(list, JSON_COMPACT);
	params[0] = text;
	ask(c, SQL_TELEPHONY_CHANGE, params, 1, recording_changed, NULL);
	free(text);
	json_decref(list);
}
