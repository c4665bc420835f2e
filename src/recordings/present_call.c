/*
 * The values of one call, the same in a row of the list and on its own page:
 * parties, mood, subject, dates. See present.h.
 */
#include <string.h>

#include "recordings/present.h"

#define DAY_MS		(INT64_C(24) * 3600 * 1000)
#define SOON_MS		(3 * DAY_MS)	/* the expiry is highlighted */

char *
sentence(const struct page *p, const char *french, const char *value)
{
	const char	*text = tr(p->view->lang, french);
	const char	*at = strstr(text, "{}");

	if (at == NULL)
		return (arena_strdup(p->arena, text));
	return (arena_printf(p->arena, "%.*s%s%s", (int)(at - text), text,
	    value, at + 2));
}

char *
seconds(struct arena *a, int64_t ms)
{
	char	*text = arena_printf(a, "%lld.%03lld",
		    (long long)(ms / 1000), (long long)(ms % 1000));
	size_t	 n = strlen(text);

	while (text[n - 1] == '0')
		text[--n] = '\0';
	if (text[n - 1] == '.')
		text[n - 1] = '\0';
	return (text);
}

json_t *
present_mood(const struct page *p, const char *key)
{
	const struct mood	*m = mood_find(key);

	if (m == NULL)
		return (json_null());
	return (json_pack("{s:s, s:s, s:s}", "key", m->key,
	    "word", tr(p->view->lang, m->word), "family", m->family));
}

/*
 * Returns {label, detail, initials, icon, tone} of a party: a name with its
 * number below, the number alone, or a withheld number.
 */
static json_t *
present_party(const struct page *p, const json_t *party)
{
	const char	*kind = get(party, "kind");
	const char	*value = get(party, "value");
	const char	*name = get(party, "name");
	bool		 withheld = value == NULL;
	json_t		*out = json_object();

	if (!withheld && strcmp(kind, "e164") == 0)
		value = words_phone(p->arena, value);
	if (withheld)
		value = tr(p->view->lang, "Numéro masqué");
	if (name != NULL && (name[0] == '\0' || strcmp(name, value) == 0))
		name = NULL;
	put(out, "label", name != NULL ? name : value);
	put(out, "detail", name != NULL ? value : NULL);
	put(out, "initials", name != NULL ? words_initials(p->arena, name) :
	    !withheld && strcmp(kind, "identity") == 0 ?
	    words_initials(p->arena, value) : NULL);
	put(out, "icon", withheld ? "withheld" : "phone");
	put(out, "tone", name != NULL ? "name" :
	    withheld ? "withheld" : "number");
	return (out);
}

/* Returns the call's subject; before the analysis, a text with the caller. */
static const char *
call_subject(const struct page *p, const json_t *item, const json_t *caller)
{
	const char	*text = get(item, "subject");

	if (text != NULL && text[0] != '\0')
		return (text);
	if (get(json_object_get(item, "caller"), "value") == NULL)
		return (tr(p->view->lang, "Appel d’un numéro masqué"));
	return (sentence(p, "Appel de {}", get(caller, "label")));
}

const struct zone *
present_zone(const struct page *p, const json_t *item)
{
	const char	*name = get(json_object_get(item, "site"), "time_zone");

	if (name == NULL && p->view->person != NULL)
		name = p->view->person->time_zone;
	return (zone_get(name == NULL ? "UTC" : name));
}

static void
present_times(const struct page *p, const json_t *item, json_t *out)
{
	const struct zone	*zone = present_zone(p, item);
	const char		*started = get(item, "started_at");
	const char		*expires = get(item, "expires_at");
	enum lang		 lang = p->view->lang;
	int64_t			 start = 0, end = 0, length;

	(void)clock_parse_utc(started, &start);
	(void)clock_parse_utc(expires, &end);
	length = get_int(item, "duration_ms");
	put(out, "started_at", started);
	put(out, "date", words_date_short(p->arena, lang,
	    zone_civil(zone, start), zone_civil(zone, p->view->now_ms)));
	put(out, "date_long", words_date_long(p->arena, lang,
	    zone_civil(zone, start)));
	put(out, "expires_at", expires);
	put(out, "expires", words_day(p->arena, lang, zone_civil(zone, end)));
	json_object_set_new(out, "expires_soon",
	    json_boolean(end - p->view->now_ms < SOON_MS));
	put(out, "duration", words_duration(p->arena, length));
	put(out, "duration_spoken",
	    words_duration_spoken(p->arena, lang, length));
	put(out, "duration_s", seconds(p->arena, length));
}

static void
present_sound(const struct page *p, const json_t *item, json_t *out)
{
	char	*audio = NULL, *peaks = NULL;

	if (json_is_true(json_object_get(item, "has_audio"))) {
		audio = arena_printf(p->arena, "%s/recordings/%s/audio.mp3",
		    p->view->base, get(item, "id"));
		peaks = arena_printf(p->arena, "%s/recordings/%s/peaks",
		    p->view->base, get(item, "id"));
	}
	put(out, "audio_href", audio);
	put(out, "peaks_href", peaks);
	put(out, "play_label", sentence(p, "Écouter : {}",
	    get(out, "subject")));
	put(out, "pause_label", sentence(p, "Mettre en pause : {}",
	    get(out, "subject")));
}

/* Returns an entry of the download menu; with a reason it has no link. */
static json_t *
menu_file(const struct page *p, const json_t *item, const char *name,
    const char *label, const char *icon, const char *reason)
{
	json_t	*out = json_object();

	put(out, "label", tr(p->view->lang, label));
	put(out, "icon", icon);
	put(out, "href", reason != NULL ? NULL : arena_printf(p->arena,
	    "%s/recordings/%s/%s", p->view->base, get(item, "id"), name));
	put(out, "reason", reason == NULL ? NULL :
	    tr(p->view->lang, reason));
	return (out);
}

static void
present_files(const struct page *p, const json_t *item, json_t *out)
{
	json_t		*files = json_array();
	const char	*audio = NULL, *text = NULL;

	if (!json_is_true(json_object_get(item, "has_audio")))
		audio = "audio pas encore disponible";
	if (get(item, "subject") == NULL)
		text = "transcription en cours";
	json_array_append_new(files, menu_file(p, item, "audio.mp3?download=1",
	    "Télécharger audio", "brand", audio));
	json_array_append_new(files, menu_file(p, item, "transcript.pdf",
	    "Télécharger transcription", "document", text));
	json_array_append_new(files, menu_file(p, item, "archive.zip",
	    "Télécharger audio et transcription", "archive",
	    audio != NULL ? audio : text));
	json_object_set_new(out, "files", files);
	put(out, "files_label", sentence(p, "Télécharger : {}",
	    get(out, "subject")));
}

json_t *
present_call(const struct page *p, json_t *item)
{
	json_t		*out = json_copy(item);
	json_t		*site = json_object_get(item, "site");
	json_t		*caller, *callee;
	const char	*direction = get(item, "direction");
	const char	*mode = get(item, "mode");

	caller = present_party(p, json_object_get(item, "caller"));
	callee = present_party(p, json_object_get(item, "callee"));
	put(out, "subject", call_subject(p, item, caller));
	json_object_set_new(out, "caller", caller);
	json_object_set_new(out, "callee", callee);
	json_object_set_new(out, "mood", present_mood(p, get(item, "mood")));
	json_object_set_new(out, "direction", json_pack("{s:s, s:s}",
	    "key", direction,
	    "word", direction_word(p->view->lang, direction)));
	json_object_set_new(out, "pending", json_boolean(
	    strcmp(get(item, "status"), "pending") == 0));
	json_object_set_new(out, "on_demand", json_boolean(
	    mode != NULL && strcmp(mode, "on_demand") == 0));
	put(out, "site_name", p->several_sites ? get(site, "name") : NULL);
	present_times(p, item, out);
	present_sound(p, item, out);
	present_files(p, item, out);
	return (out);
}
