/*
 * The values of the pages of the list and of one recording, combined from the
 * pieces of present.h.
 */
#include <string.h>

#include "recordings/present.h"
#include "recordings/recordings.h"

/* Sections let the browser skip the layout of parts out of view. */
#define SECTION_UTTERANCES	100

static const char *
recordings_path(const struct page *p)
{
	return (arena_printf(p->arena, "%s/recordings", p->view->base));
}

static const char *
list_heading(const struct page *p)
{
	return (tr(p->view->lang, p->view->surface == BOARD ?
	    "Mes enregistrements" : "Enregistrements"));
}

/*
 * Returns how long calls are kept: one number when it is the same for all
 * sites, else a range; the day on each row is exact.
 */
static const char *
retention_banner(const struct page *p, const json_t *model)
{
	json_t	*days = json_object_get(model, "retention_days");
	json_t	*min = json_object_get(days, "min");
	json_t	*max = json_object_get(days, "max");

	if (!json_is_integer(min) || !json_is_integer(max))
		return (tr(p->view->lang, "Les enregistrements et les "
		    "transcriptions sont supprimés à la date indiquée."));
	if (json_integer_value(min) != json_integer_value(max))
		return (sentence(p, "Les enregistrements et les transcriptions "
		    "sont supprimés après {} jours selon le site, à la date "
		    "indiquée sur chaque ligne.", arena_printf(p->arena,
		    "%lld–%lld", (long long)json_integer_value(min),
		    (long long)json_integer_value(max))));
	return (tr_count(p->arena, p->view->lang, json_integer_value(max),
	    "Les enregistrements et les transcriptions sont supprimés après "
	    "{n} jour.",
	    "Les enregistrements et les transcriptions sont supprimés après "
	    "{n} jours."));
}

/*
 * Returns the site that the console's breadcrumb names: the only one, or the
 * only chosen one. NULL on the board.
 */
static const char *
list_crumb(const struct page *p, const json_t *model)
{
	json_t		*sites = json_object_get(model, "sites"), *site;
	const char	*name = NULL;
	unsigned	 n = 0;
	size_t		 i;

	if (p->view->surface == BOARD)
		return (NULL);
	json_array_foreach(sites, i, site)
		if (json_array_size(sites) == 1 || params_has(p->view->query,
		    "site", get(site, "id"))) {
			name = get(site, "name");
			n++;
		}
	return (n == 1 ? name : tr(p->view->lang, "Tous les sites"));
}

static const char *
list_total(const struct page *p, const json_t *model)
{
	int64_t	n = json_integer_value(json_object_get(model, "total"));

	if (json_is_true(json_object_get(model, "total_is_capped")))
		return (tr_count(p->arena, p->view->lang, n,
		    "Plus de {n} enregistrement",
		    "Plus de {n} enregistrements"));
	if (links_count(p->view->query) > 0)
		return (tr_count(p->arena, p->view->lang, n,
		    "{n} enregistrement trouvé",
		    "{n} enregistrements trouvés"));
	return (tr_count(p->arena, p->view->lang, n, "{n} enregistrement",
	    "{n} enregistrements"));
}

/* Returns the link to the call's page, at the second of the searched words. */
static char *
call_link(const struct page *p, const json_t *item)
{
	const json_t	*match = json_object_get(item, "match");
	struct buf	 link;

	link = link_filters(p, arena_printf(p->arena, "%s/recordings/%s",
	    p->view->base, get(item, "id")), LINK_DATES | LINK_AFTER);
	if (json_is_number(json_object_get(match, "start_ms")))
		buf_printf(&link, "#t=%s",
		    seconds(p->arena, get_int(match, "start_ms")));
	return (link_end(&link, p->arena));
}

/*
 * Returns where the searched words are: the time of the passage (NULL: in the
 * subject or summary), its parts, and how many passages there are. NULL: no
 * word was searched for or found.
 */
static json_t *
list_snippet(const struct page *p, const json_t *match)
{
	json_t	*parts = json_object_get(match, "snippet"), *out;
	int64_t	 n = get_int(match, "passages");

	if (json_array_size(parts) == 0)
		return (json_null());
	out = json_pack("{s:O}", "parts", parts);
	put(out, "time", json_is_number(json_object_get(match, "start_ms")) ?
	    words_duration(p->arena, get_int(match, "start_ms")) : NULL);
	put(out, "passages", n == 0 ? NULL : tr_count(p->arena, p->view->lang,
	    n, "{n} passage", "{n} passages"));
	return (out);
}

/* Adds where playing in the row begins: at the searched words. */
static void
list_play(const struct page *p, const json_t *match, json_t *out)
{
	int64_t		 from = get_int(match, "start_ms");
	const char	*audio = get(out, "audio_href");

	put(out, "from", words_duration(p->arena, from));
	put(out, "from_s", seconds(p->arena, from));
	if (from > 0 && audio != NULL)
		put(out, "audio_href", arena_printf(p->arena, "%s#t=%s", audio,
		    seconds(p->arena, from)));
}

static json_t *
list_row(const struct page *p, json_t *item)
{
	const json_t	*match = json_object_get(item, "match");
	json_t		*out = present_call(p, item);

	put(out, "tick_label", sentence(p, "Sélectionner : {}",
	    get(out, "subject")));
	put(out, "href", call_link(p, item));
	json_object_set_new(out, "snippet", list_snippet(p, match));
	list_play(p, match, out);
	return (out);
}

static void
list_pages(const struct page *p, const json_t *model, json_t *out)
{
	const char	*next = get(model, "next");
	const char	*after = params_get(p->view->query, "after");
	struct buf	 link;

	link = link_filters(p, recordings_path(p), LINK_DATES);
	put(out, "first_href", after != NULL && after[0] != '\0' ?
	    arena_strndup(p->arena, link.data, link.len) : NULL);
	if (next != NULL)
		link_add(&link, "after", next);
	put(out, "next_href", next != NULL ? link.data : NULL);
	buf_dispose(&link);
	link = link_filters(p, recordings_path(p), LINK_DATES | LINK_AFTER);
	put(out, "here", link_end(&link, p->arena));
}

/*
 * Adds the addresses that tell what has arrived since: news_href counts those
 * of these filters, events_href streams all.
 */
static void
list_news(const struct page *p, const json_t *model, json_t *out)
{
	const char	*scope = p->view->surface == BOARD ? "own" : "team";
	const char	*as_of = get(model, "as_of");
	struct buf	 link;

	if (as_of == NULL)
		return;
	link = link_filters(p, "/api/v1/recordings", LINK_DATES);
	link_add(&link, "scope", scope);
	link_add(&link, "since", as_of);
	link_add(&link, "limit", "1");
	if (link_completes(p, model))
		link_add(&link, "prefix", "1");
	put(out, "news_href", link_end(&link, p->arena));
	buf_puts(&link, "/api/v1/events");
	link_add(&link, "scope", scope);
	link_add(&link, "since", as_of);
	put(out, "events_href", link_end(&link, p->arena));
}

json_t *
present_list(const struct view *view, json_t *model)
{
	struct arena	 arena = { NULL };
	struct page	 p = { view, &arena, false };
	json_t		*out = json_object(), *rows = json_array(), *item;
	size_t		 i;

	p.several_sites = json_array_size(json_object_get(model, "sites")) > 1;
	json_array_foreach(json_object_get(model, "items"), i, item)
		json_array_append_new(rows, list_row(&p, item));
	put(out, "title", list_heading(&p));
	put(out, "heading", list_heading(&p));
	put(out, "banner", retention_banner(&p, model));
	put(out, "crumb", list_crumb(&p, model));
	put(out, "list_href", recordings_path(&p));
	put(out, "reset_href", recordings_path(&p));
	put(out, "total", list_total(&p, model));
	put(out, "on_recordings", "page");
	json_object_set_new(out, "words_capped", json_boolean(json_is_true(
	    json_object_get(model, "words_are_capped"))));
	json_object_set_new(out, "has_items",
	    json_boolean(json_array_size(rows) > 0));
	json_object_set_new(out, "items", rows);
	present_filters(&p, model, out);
	present_chips(&p, model, out);
	present_understood(&p, model, out);
	present_selection(&p, model, out);
	list_pages(&p, model, out);
	list_news(&p, model, out);
	arena_dispose(&arena);
	return (out);
}

/* Returns the values of an utterance; first shows the speaker's name. */
static json_t *
present_utterance(const struct page *p, const json_t *u, const char *name,
    size_t number, bool first)
{
	int64_t	start = get_int(u, "start_ms");
	int64_t	end = get_int(u, "end_ms");

	return (json_pack("{s:n, s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:b}",
	    "pause", "speaker", get(u, "speaker"), "text", get(u, "text"),
	    "name", name, "number", (int)number,
	    "time", words_duration(p->arena, start),
	    "start_s", seconds(p->arena, start),
	    "end_s", seconds(p->arena, end), "first", first));
}

/* Returns the values of a pause of the recording: "00:45" to "01:10". */
static json_t *
present_pause(const struct page *p, const json_t *pause)
{
	int64_t	start = get_int(pause, "start_ms");
	int64_t	end = get_int(pause, "end_ms");

	return (json_pack("{s:s, s:s, s:s, s:s}",
	    "start", words_duration(p->arena, start),
	    "end", words_duration(p->arena, end),
	    "start_s", seconds(p->arena, start),
	    "end_s", seconds(p->arena, end)));
}

static json_t *
present_pauses(const struct page *p, const json_t *model)
{
	json_t	*list = json_array(), *pause;
	size_t	 i;

	json_array_foreach(json_object_get(model, "pauses"), i, pause)
		json_array_append_new(list, present_pause(p, pause));
	return (list);
}

/* Adds the pauses from *next on that begin until until_ms; true if any. */
static bool
add_pauses(const struct page *p, const json_t *pauses, size_t *next,
    int64_t until_ms, json_t *list)
{
	const json_t	*pause;
	size_t		 first = *next;

	while ((pause = pause_until(pauses, next, until_ms)) != NULL)
		json_array_append_new(list, json_pack("{s:o}", "pause",
		    present_pause(p, pause)));
	return (*next > first);
}

/*
 * Returns the utterances and the pauses between them, in sections. The first
 * utterance after another speaker or a pause shows its speaker's name.
 */
static json_t *
present_transcript(const struct page *p, const json_t *model,
    const json_t *call)
{
	json_t		*sections = json_array(), *list = NULL, *u;
	json_t		*pauses = json_object_get(model, "pauses");
	const char	*speaker, *before = "";
	size_t		 i, pause = 0;

	json_array_foreach(json_object_get(model, "utterances"), i, u) {
		if (i % SECTION_UTTERANCES == 0) {
			list = json_array();
			json_array_append_new(sections,
			    json_pack("{s:o}", "utterances", list));
		}
		if (add_pauses(p, pauses, &pause, get_int(u, "start_ms"),
		    list))
			before = "";
		speaker = get(u, "speaker");
		json_array_append_new(list, present_utterance(p, u,
		    get(json_object_get(call, speaker), "label"), i,
		    strcmp(speaker, before) != 0));
		before = speaker;
	}
	if (list != NULL)
		(void)add_pauses(p, pauses, &pause, INT64_MAX, list);
	return (sections);
}

/* Returns who played the call; empty unless the tenant shows it. */
static json_t *
present_listeners(const struct page *p, const json_t *model)
{
	const struct person	*reader = p->view->person;
	const struct zone	*zone;
	json_t			*list = json_array(), *one, *row;
	int64_t			 ms = 0;
	size_t			 i;

	zone = zone_get(reader == NULL ? "UTC" : reader->time_zone);
	json_array_foreach(json_object_get(model, "listeners"), i, one) {
		(void)clock_parse_utc(get(one, "at"), &ms);
		row = json_copy(one);
		put(row, "date", words_date_short(p->arena, p->view->lang,
		    zone_civil(zone, ms),
		    zone_civil(zone, p->view->now_ms)));
		json_array_append_new(list, row);
	}
	return (list);
}

json_t *
present_detail(const struct view *view, json_t *model)
{
	struct arena	 arena = { NULL };
	struct page	 p = { view, &arena, true };
	json_t		*out = present_call(&p, model), *sections, *pauses;
	json_t		*listeners;
	struct buf	 link;

	put(out, "title", get(out, "subject"));
	put(out, "on_recordings", "true");
	link = link_filters(&p, recordings_path(&p), LINK_DATES | LINK_AFTER);
	put(out, "back_href", link_end(&link, &arena));
	link = link_filters(&p, view->path, LINK_DATES | LINK_AFTER);
	put(out, "here", link_end(&link, &arena));
	put(out, "q", params_get(view->query, "q"));
	json_object_set_new(out, "audio_facts", present_audio(&p, model));
	sections = present_transcript(&p, model, out);
	json_object_set_new(out, "has_transcript",
	    json_boolean(json_array_size(sections) > 0));
	json_object_set_new(out, "sections", sections);
	pauses = present_pauses(&p, model);
	json_object_set_new(out, "has_pauses",
	    json_boolean(json_array_size(pauses) > 0));
	json_object_set_new(out, "pauses", pauses);
	listeners = present_listeners(&p, model);
	json_object_set_new(out, "has_listeners",
	    json_boolean(json_array_size(listeners) > 0));
	json_object_set_new(out, "listeners", listeners);
	arena_dispose(&arena);
	return (out);
}
