/*
 * Who is recorded, and how: a change to some accounts at once, all or
 * nothing. The API names accounts and one change; a page sends rows as they
 * were and as they are now. Both become a list of changes for the database.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "server/model.h"
#include "server/reply.h"
#include "telephony/telephony.h"

#define IDS_MAX	1000

static const char *const numbers[] = {
	"on", "off", "always", "on_demand", NULL
};

static bool
mode_valid(const char *mode)
{
	return (mode != NULL && (strcmp(mode, "always") == 0 ||
	    strcmp(mode, "on_demand") == 0));
}

/* --- the API's ------------------------------------------------------------ */

/* What is wrong with {active, mode}, as the field's name, or NULL. */
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
	json_int_t	 id;
	size_t		 i, n = json_array_size(ids);

	for (i = 0; i < n; i++) {
		id = json_integer_value(json_array_get(ids, i));
		if (id < 1 || id > INT32_MAX)
			return (false);
	}
	return (n >= 1 && n <= IDS_MAX);
}

/* The change of each account, or NULL: replied which field is wrong. */
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

/* --- a page's ------------------------------------------------------------- */

/* A row as the form told it. */
struct row {
	int64_t		 id;		/* of its account */
	const char	*was;		/* off, always, on_demand */
};

/* Of "12:always". */
static bool
row_read(const char *text, struct row *r)
{
	const char	*colon = strchr(text, ':');
	char		 id[16];

	if (colon == NULL || (size_t)(colon - text) >= sizeof(id))
		return (false);
	memcpy(id, text, (size_t)(colon - text));
	id[colon - text] = '\0';
	r->was = colon + 1;
	return (text_int64(id, 1, INT32_MAX, &r->id) &&
	    (strcmp(r->was, "off") == 0 || mode_valid(r->was)));
}

/* Is the row's box ticked? */
static bool
ticked(const struct params *form, int64_t id)
{
	int64_t	n;
	size_t	i;

	for (i = 0; i < form->count; i++)
		if (strcmp(form->list[i].name, "active") == 0 &&
		    text_int64(form->list[i].value, 1, INT32_MAX, &n) &&
		    n == id)
			return (true);
	return (false);
}

/* What the row is to be: its box and its mode, or what all rows are to be. */
static json_t *
row_change(struct ctx *c, const struct row *r)
{
	json_t		*one = json_pack("{s:I}", "id", (json_int_t)r->id);
	const char	*all = NULL, *mode;
	bool		 active;

	if (params_get(&c->form, "apply") != NULL)
		all = params_get(&c->form, "all");
	mode = all != NULL ? all : params_get(&c->form, arena_printf(
	    &c->arena, "mode-%lld", (long long)r->id));
	active = all != NULL ? strcmp(all, "off") != 0 :
	    ticked(&c->form, r->id);
	if (active != (strcmp(r->was, "off") != 0))
		json_object_set_new(one, "active", json_boolean(active));
	if (active && mode_valid(mode) && strcmp(mode, r->was) != 0)
		json_object_set_new(one, "mode", json_string(mode));
	return (one);
}

/* The rows that changed, or NULL: replied that the form is none of ours. */
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

/* --- both ----------------------------------------------------------------- */

/* Where the form was: an account's own page, or the tab as it was filtered. */
static const char *
place_of(struct ctx *c)
{
	static const char *const	 names[] = { "q", "site", "after",
	    NULL };
	const char			*one = params_get(&c->form, "from");
	int64_t				 id;

	if (one != NULL && text_int64(one, 1, INT32_MAX, &id))
		return (arena_printf(&c->arena, "%s/accounts/%lld", c->base,
		    (long long)id));
	return (params_link(&c->arena, arena_printf(&c->arena,
	    "%s/telephony/activation", c->base), &c->form, names, NULL));
}

/* Back to the page, which says what has changed. */
static void
redirect(struct ctx *c, const json_t *answer)
{
	const char	*place = place_of(c);
	struct buf	 to = { NULL, 0, 0 };
	json_int_t	 n;
	int		 i;

	buf_printf(&to, "%s%csaved=1", place,
	    strchr(place, '?') == NULL ? '?' : '&');
	for (i = 0; numbers[i] != NULL; i++) {
		n = json_integer_value(json_object_get(answer, numbers[i]));
		if (n > 0)
			buf_printf(&to, "&%s=%lld", numbers[i], (long long)n);
	}
	reply_redirect(c, to.data);
	buf_dispose(&to);
}

/* 409: production has not given the service to the site. */
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
changed(struct ctx *c, enum result result, struct db_rows *rows)
{
	json_t		*answer;
	const char	*site;

	(void)result;
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
		redirect(c, answer);
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
	ask(c, SQL_TELEPHONY_CHANGE, params, 1, changed);
	free(text);
	json_decref(list);
}
