/*
 * The values of the filter form: all choices, and those that are chosen. See
 * present.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recordings/present.h"

#define HOUR_MS	(INT64_C(3600) * 1000)
#define DAY_MS	(24 * HOUR_MS)

static const struct length {
	const char	*ms;
	const char	*word;
} lengths[] = {
	{ "30000", "30 s" }, { "60000", "1 min" }, { "120000", "2 min" },
	{ "300000", "5 min" }, { "600000", "10 min" }, { "1800000", "30 min" },
	{ "3600000", "1 h" },
};

static const struct preset {
	const char	*word;
	int		 days;	/* today included */
} presets[] = {
	{ "Aujourd’hui", 1 }, { "7 jours", 7 }, { "30 jours", 30 },
};

/* Returns the filter's value; NULL when it is absent or empty. */
static const char *
value_of(const struct page *p, const char *name)
{
	const char	*value = params_get(p->view->query, name);

	return (value == NULL || value[0] == '\0' ? NULL : value);
}

/* Sets a menu's label: its name, its only choice, or how many it has. */
static void
put_label(const struct page *p, json_t *out, const char *key,
    const char *none, const char *one, unsigned n, const char *many)
{
	put(out, key, n == 0 ? tr(p->view->lang, none) : n == 1 ? one :
	    tr_count(p->arena, p->view->lang, n, many, many));
}

static void
filter_sites(const struct page *p, const json_t *model, json_t *out)
{
	json_t		*list = json_array(), *site;
	const char	*chosen = NULL, *id;
	unsigned	 n = 0;
	bool		 checked;
	size_t		 i;

	json_array_foreach(json_object_get(model, "sites"), i, site) {
		id = get(site, "id");
		checked = params_has(p->view->query, "site", id);
		if (checked) {
			chosen = get(site, "name");
			n++;
		}
		json_array_append_new(list, json_pack("{s:s, s:s, s:b}",
		    "id", id, "name", get(site, "name"), "checked", checked));
	}
	json_object_set_new(out, "sites", list);
	json_object_set_new(out, "several_sites",
	    json_boolean(p->several_sites));
	json_object_set_new(out, "site_active", json_boolean(n > 0));
	put_label(p, out, "site_label", "Site", chosen, n, "{n} sites");
}

/* Returns a mood's count: "1 234", or "1 234+" when counting stopped early.
 * NULL where one person's moods are not counted. */
static char *
mood_count(const struct page *p, const json_t *model, const char *key)
{
	json_t	*counts = json_object_get(model, "counts");
	int64_t	 n = json_integer_value(json_object_get(counts, key));
	bool	 more = json_is_true(json_object_get(model,
		    "counts_are_capped"));

	if (!json_is_object(counts))
		return (NULL);
	return (arena_printf(p->arena, "%s%s",
	    words_number(p->arena, p->view->lang, n), more ? "+" : ""));
}

static void
present_moods(const struct page *p, const json_t *model, json_t *out)
{
	json_t		*list = json_array(), *mood;
	const char	*chosen = NULL;
	unsigned	 n = 0;
	bool		 checked;
	size_t		 i;

	for (i = 0; moods[i].key != NULL; i++) {
		checked = params_has(p->view->query, "mood", moods[i].key);
		if (checked) {
			chosen = tr(p->view->lang, moods[i].word);
			n++;
		}
		mood = present_mood(p, moods[i].key);
		json_object_set_new(mood, "checked", json_boolean(checked));
		put(mood, "count", mood_count(p, model, moods[i].key));
		json_array_append_new(list, mood);
	}
	json_object_set_new(out, "moods", list);
	json_object_set_new(out, "mood_active", json_boolean(n > 0));
	put_label(p, out, "mood_label", "Émotion", chosen, n, "{n} émotions");
}

/*
 * Returns the day `back` days ago in the tenant's time zone. It counts from
 * noon, so the hour of a clock change does not matter.
 */
static char *
day_ago(const struct page *p, int back)
{
	const struct zone	*zone = zone_get(p->view->person->time_zone);
	struct civil		 c = zone_civil(zone, p->view->now_ms);
	int64_t			 noon;

	noon = p->view->now_ms + (12 - c.hour) * HOUR_MS;
	c = zone_civil(zone, noon - back * DAY_MS);
	return (arena_printf(p->arena, "%04d-%02d-%02d", c.year, c.month,
	    c.day));
}

/* Returns "30 juillet" for "2026-07-30"; other texts unchanged. */
static const char *
day_words(const struct page *p, const char *day)
{
	struct civil	c;

	memset(&c, 0, sizeof(c));
	if (strlen(day) != 10 ||
	    sscanf(day, "%4d-%2d-%2d", &c.year, &c.month, &c.day) != 3)
		return (day);
	return (words_day(p->arena, p->view->lang, c));
}

static const char *
date_label(const struct page *p, const char *from, const char *to)
{
	if (from == NULL && to == NULL)
		return (tr(p->view->lang, "Date"));
	if (to == NULL)
		return (sentence(p, "Depuis le {}", day_words(p, from)));
	if (from == NULL)
		return (sentence(p, "Jusqu’au {}", day_words(p, to)));
	if (strcmp(from, to) == 0)
		return (day_words(p, from));
	return (arena_printf(p->arena, "%s – %s", day_words(p, from),
	    day_words(p, to)));
}

static json_t *
present_preset(const struct page *p, const struct preset *preset, bool current)
{
	const char	*from = day_ago(p, preset->days - 1);
	const char	*to = day_ago(p, 0);
	const char	*list;
	struct buf	 link;

	list = arena_printf(p->arena, "%s/recordings", p->view->base);
	link = link_filters(p, list, 0);
	link_add(&link, "from", from);
	link_add(&link, "to", to);
	return (json_pack("{s:s, s:s, s:s, s:s, s:b}",
	    "label", tr(p->view->lang, preset->word), "from", from, "to", to,
	    "href", link_end(&link, p->arena), "current", current));
}

static void
present_dates(const struct page *p, const json_t *model, json_t *out)
{
	const char	*from = value_of(p, "from"), *to = value_of(p, "to");
	const char	*today = day_ago(p, 0);
	const char	*label = date_label(p, from, to);
	json_t		*list = json_array();
	bool		 current;
	size_t		 i;

	for (i = 0; i < sizeof(presets) / sizeof(presets[0]); i++) {
		current = from != NULL && to != NULL &&
		    strcmp(to, today) == 0 &&
		    strcmp(from, day_ago(p, presets[i].days - 1)) == 0;
		if (current)
			label = tr(p->view->lang, presets[i].word);
		json_array_append_new(list,
		    present_preset(p, &presets[i], current));
	}
	json_object_set_new(out, "presets", list);
	json_object_set_new(out, "date_active",
	    json_boolean(from != NULL || to != NULL));
	json_object_set_new(out, "several_zones",
	    json_boolean(get_int(model, "time_zones") > 1));
	put(out, "date_label", label);
	put(out, "from", from);
	put(out, "to", to);
	put(out, "today", today);
}

static void
filter_accounts(const struct page *p, const json_t *model, json_t *out)
{
	json_t		*list = json_array(), *account;
	const char	*id;
	size_t		 i;

	json_array_foreach(json_object_get(model, "accounts"), i, account) {
		id = get(account, "id");
		json_array_append_new(list, json_pack("{s:s, s:s, s:b}",
		    "id", id, "name", get(account, "name"), "selected",
		    params_has(p->view->query, "account", id)));
	}
	json_object_set_new(out, "several_accounts",
	    json_boolean(json_array_size(list) > 1));
	json_object_set_new(out, "accounts", list);
}

static void
present_directions(const struct page *p, json_t *out)
{
	json_t		*list = json_array();
	const char	*key;
	size_t		 i;

	for (i = 0; (key = direction_keys[i]) != NULL; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:b}",
		    "key", key, "word", direction_word(p->view->lang, key),
		    "selected", params_has(p->view->query, "direction", key)));
	json_object_set_new(out, "directions", list);
}

const char *
length_words(const struct page *p, const char *ms)
{
	size_t	i;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		if (strcmp(ms, lengths[i].ms) == 0)
			return (lengths[i].word);
	return (words_duration(p->arena, strtoll(ms, NULL, 10)));
}

/* Returns the usual durations, and that of the query if it is another. */
static json_t *
present_lengths(const struct page *p, const char *name)
{
	const char	*value = value_of(p, name);
	json_t		*list = json_array();
	bool		 found = false, selected;
	size_t		 i;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		selected = value != NULL && strcmp(value, lengths[i].ms) == 0;
		found = found || selected;
		json_array_append_new(list, json_pack("{s:s, s:s, s:b}",
		    "ms", lengths[i].ms, "word", lengths[i].word,
		    "selected", selected));
	}
	if (value != NULL && !found)
		json_array_append_new(list, json_pack("{s:s, s:s, s:b}",
		    "ms", value, "word", length_words(p, value),
		    "selected", true));
	return (list);
}

static void
present_more(const struct page *p, json_t *out)
{
	static const char *const names[] = {
		"number", "account", "direction", "min_ms", "max_ms"
	};
	unsigned	 n = 0;
	size_t		 i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (value_of(p, names[i]) != NULL)
			n++;
	json_object_set_new(out, "more_active", json_boolean(n > 0));
	put(out, "more_label", n == 0 ? tr(p->view->lang, "Plus de filtres") :
	    tr_count(p->arena, p->view->lang, n, "{n} autre filtre",
	    "{n} autres filtres"));
}

void
present_filters(const struct page *p, const json_t *model, json_t *out)
{
	put(out, "q", value_of(p, "q"));
	put(out, "number", value_of(p, "number"));
	filter_sites(p, model, out);
	present_moods(p, model, out);
	present_dates(p, model, out);
	filter_accounts(p, model, out);
	present_directions(p, out);
	json_object_set_new(out, "min_lengths", present_lengths(p, "min_ms"));
	json_object_set_new(out, "max_lengths", present_lengths(p, "max_ms"));
	present_more(p, out);
	json_object_set_new(out, "filtered",
	    json_boolean(links_count(p->view->query) > 0));
}
