/* The values of the pages of a deletion: its confirmation, its receipt. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/zone.h"
#include "deletions/deletions.h"
#include "deletions/present.h"
#include "recordings/recordings.h"
#include "server/model.h"

static const char *
deletions_list_path(struct arena *a, const struct view *view)
{
	return (arena_printf(a, "%s/recordings", view->base));
}

/* Sets the selection as JSON text, which the form sends back. */
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
	json_t		*out = json_copy(model);
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
	put(out, "problem", problem == NULL ? NULL :
	    tr(view->lang, problem));
	put(out, "list_href", deletions_list_path(&arena, view));
	put_select(out, json_object_get(model, "select"));
	json_object_set_new(out, "call", json_is_object(item) ?
	    recording_words(view, item) : json_null());
	put(out, "on_recordings", "true");
	arena_dispose(&arena);
	return (out);
}

/* Returns "12 400 / 20 000". */
static char *
progress_words(
    struct arena *a, enum lang lang, json_int_t done, json_int_t total)
{
	return (arena_printf(a, "%s / %s", words_number(a, lang, done),
	    words_number(a, lang, total)));
}

static void
put_instant(struct arena *a, const struct view *view, json_t *out,
    const char *at)
{
	const struct zone	*zone;
	int64_t			 ms = 0;

	zone = zone_get(view->person == NULL ? "UTC" :
	    view->person->time_zone);
	(void)clock_parse_utc(at, &ms);
	put(out, "at", at);
	put(out, "date_long", words_date_long(a, view->lang,
	    zone_civil(zone, ms)));
}

json_t *
present_deletion(const struct view *view, json_t *model)
{
	struct arena	 arena = { NULL };
	json_t		*out = json_copy(model);
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
	put(out, "by", view->person == NULL ? NULL : view->person->name);
	put(out, "progress", progress_words(&arena, view->lang, done, n));
	put(out, "list_href", deletions_list_path(&arena, view));
	put(out, "here", view->path);
	put_instant(&arena, view, out, get(model, "at"));
	json_object_set_new(out, "finished", json_boolean(finished));
	put(out, "on_recordings", "true");
	arena_dispose(&arena);
	return (out);
}
