/*
 * The values of the pages of links, passwords and sessions: texts and dates. A
 * refused form shows again what was typed, except the password.
 */
#include <string.h>

#include "base/clock.h"
#include "onepass/agent.h"
#include "onepass/links.h"
#include "onepass/onepass.h"

static const char *
member_text(const json_t *model, const char *key)
{
	return (json_string_value(json_object_get(model, key)));
}

static json_t *
text_or_null(const char *text)
{
	return (text == NULL || *text == '\0' ? json_null() :
	    json_string(text));
}

static json_t *
problem_of(const struct view *v, const json_t *model)
{
	const char	*problem = member_text(model, "problem");

	return (problem == NULL ? json_null() :
	    json_string(tr(v->lang, problem)));
}

static bool
is_reset(const json_t *model)
{
	return (strcmp(member_text(model, "purpose"), "reset") == 0);
}

json_t *
present_ask(const struct view *v, json_t *model)
{
	return (json_pack("{s:s, s:b, s:o, s:o, s:o}",
	    "title", tr(v->lang, is_reset(model) ? "Mot de passe oublié" :
	    "Créer mon compte OnePass"),
	    "reset", is_reset(model),
	    "problem", problem_of(v, model),
	    "email", text_or_null(member_text(model, "email")),
	    "sent", json_incref(json_object_get(model, "sent"))));
}

json_t *
present_choose(const struct view *v, json_t *model)
{
	return (json_pack("{s:s, s:b, s:o, s:b, s:s, s:s, s:s}",
	    "title", tr(v->lang, is_reset(model) ?
	    "Choisir un nouveau mot de passe" : "Créer mon compte OnePass"),
	    "reset", is_reset(model),
	    "problem", problem_of(v, model),
	    "on_new", member_text(model, "problem") != NULL,
	    "name", member_text(model, "name"),
	    "email", member_text(model, "email"),
	    "action", v->path));
}

json_t *
present_password(const struct view *v, json_t *model)
{
	const char	*field = member_text(model, "field");
	bool		 current = field != NULL &&
			    strcmp(field, "current") == 0;

	return (json_pack("{s:s, s:o, s:o, s:b, s:b, s:s, s:O}",
	    "title", tr(v->lang, "Mot de passe"),
	    "here", json_sprintf("%s/password", v->base),
	    "problem", problem_of(v, model),
	    "on_current", current, "on_new", field != NULL && !current,
	    "email", v->person->email,
	    "done", json_object_get(model, "done")));
}

static json_t *
present_session(const struct view *v, struct arena *a, const json_t *item)
{
	const struct zone	*zone = zone_get(v->person->time_zone);
	struct civil		 now = zone_civil(zone, v->now_ms);
	const char		*begun = member_text(item, "signed_in_at");
	const char		*seen = member_text(item, "last_seen_at");
	int64_t			 begun_ms = 0, seen_ms = 0;

	(void)clock_parse_utc(begun, &begun_ms);
	(void)clock_parse_utc(seen, &seen_ms);
	return (json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:O}",
	    "id", member_text(item, "id"),
	    "device", agent_words(a, v->lang, member_text(item, "agent")),
	    "address", member_text(item, "address"),
	    "signed_in_at", begun,
	    "signed_in", words_date_short(a, v->lang, zone_civil(zone,
	    begun_ms), now),
	    "last_seen_at", seen,
	    "last_seen", words_date_short(a, v->lang, zone_civil(zone,
	    seen_ms), now),
	    "current", json_object_get(item, "current")));
}

json_t *
present_sessions(const struct view *v, json_t *model)
{
	struct arena	 a = { NULL };
	json_t		*rows = json_array(), *item, *out;
	size_t		 i;

	json_array_foreach(json_object_get(model, "items"), i, item)
		json_array_append_new(rows, present_session(v, &a, item));
	out = json_pack("{s:s, s:b, s:b, s:o}", "title",
	    tr(v->lang, "Mes sessions"), "others",
	    json_array_size(rows) > 1, "ended",
	    params_get(v->query, "ended") != NULL, "items", rows);
	arena_dispose(&a);
	return (out);
}
