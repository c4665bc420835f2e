/* What the pages of a deletion show: what is to be confirmed, the receipt. */
#include <stdlib.h>

#include "recordings/present.h"
#include "recordings/recordings.h"

static const char *
list_path(const struct page *p)
{
	return (arena_printf(p->arena, "%s/recordings", p->view->base));
}

/* The selection as the form gives it back. */
static void
put_select(json_t *out, const json_t *select)
{
	char	*text = json_dumps(select, JSON_COMPACT);

	put(out, "select", text);
	free(text);
}

json_t *
present_deletion_confirm(const struct view *view, json_t *model)
{
	struct arena	 arena = { NULL };
	struct page	 p = { view, &arena, true };
	json_t		*out = json_object();
	json_t		*item = json_object_get(model, "item");
	json_int_t	 n = json_integer_value(json_object_get(model,
			    "count"));
	const char	*problem = get(model, "problem");

	put(out, "title", tr_count(&arena, view->lang, n,
	    "Supprimer cet enregistrement ?",
	    "Supprimer {n} enregistrements ?"));
	put(out, "lead", tr_count(&arena, view->lang, n,
	    "L’audio, la transcription et le résumé disparaîtront aussitôt "
	    "pour toute l’équipe. C’est définitif.",
	    "Audios, transcriptions et résumés disparaîtront aussitôt pour "
	    "toute l’équipe. C’est définitif."));
	put(out, "action", tr_count(&arena, view->lang, n,
	    "Supprimer définitivement",
	    "Supprimer les {n} enregistrements"));
	put(out, "expect", arena_printf(&arena, "%lld", (long long)n));
	put(out, "request", get(model, "request"));
	put(out, "problem", problem == NULL ? NULL :
	    tr(view->lang, problem));
	put(out, "list_href", list_path(&p));
	put_select(out, json_object_get(model, "select"));
	json_object_set(out, "password", json_object_get(model, "password"));
	json_object_set_new(out, "call", json_is_object(item) ?
	    present_call(&p, item) : json_null());
	put(out, "on_recordings", "true");
	arena_dispose(&arena);
	return (out);
}

/* "12 400 sur 20 000" */
static char *
progress(const struct page *p, json_int_t done, json_int_t total)
{
	return (arena_printf(p->arena, "%s / %s",
	    words_number(p->arena, p->view->lang, done),
	    words_number(p->arena, p->view->lang, total)));
}

static void
put_instant(const struct page *p, json_t *out, const char *at)
{
	const struct zone	*zone;
	int64_t			 ms = 0;

	zone = zone_get(p->view->person == NULL ? "UTC" :
	    p->view->person->time_zone);
	(void)clock_parse_utc(at, &ms);
	put(out, "at", at);
	put(out, "date_long", words_date_long(p->arena, p->view->lang,
	    zone_civil(zone, ms)));
}

json_t *
present_deletion(const struct view *view, json_t *model)
{
	struct arena	 arena = { NULL };
	struct page	 p = { view, &arena, true };
	json_t		*out = json_object();
	json_int_t	 n = json_integer_value(json_object_get(model,
			    "count"));
	json_int_t	 done = json_integer_value(json_object_get(model,
			    "done"));
	bool		 finished = done >= n;

	put(out, "title", tr_count(&arena, view->lang, n,
	    "{n} enregistrement supprimé", "{n} enregistrements supprimés"));
	put(out, "lead", finished ? tr_count(&arena, view->lang, n,
	    "Plus personne ne peut le voir, le trouver ni l’écouter, et rien "
	    "n’en est conservé.",
	    "Plus personne ne peut les voir, les trouver ni les écouter, et "
	    "rien n’en est conservé.") : tr(view->lang,
	    "Plus personne ne peut les voir, les trouver ni les écouter. "
	    "Leurs données sont en cours d’effacement : vous pouvez quitter "
	    "cette page."));
	put(out, "state", get(model, "state"));
	put(out, "id", get(model, "id"));
	put(out, "by", view->person == NULL ? NULL : view->person->name);
	put(out, "progress", progress(&p, done, n));
	put(out, "list_href", list_path(&p));
	put(out, "here", view->path);
	put_instant(&p, out, get(model, "at"));
	json_object_set(out, "count", json_object_get(model, "count"));
	json_object_set(out, "done", json_object_get(model, "done"));
	json_object_set_new(out, "finished", json_boolean(finished));
	put(out, "on_recordings", "true");
	arena_dispose(&arena);
	return (out);
}
