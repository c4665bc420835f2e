/* What pages show of recordings: words, links, dates, from the API's JSON. Each
 * test gives a model and a query, and checks the presented value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/embedded.h"
#include "onepass/onepass.h"
#include "recordings/recordings.h"

#define ID_3	"00000000-0000-4000-8000-000000000003"
#define ID_4	"00000000-0000-4000-8000-000000000004"

#define ID	"019f9a5c-1c00-7000-8000-000000000001"
#define NNBSP	"\xe2\x80\xaf"	/* between thousands, in French */
/* 2026-07-30T15:20:00Z */
#define NOW_MS	INT64_C(1785424800000)

static struct arena	arena;
static struct params	query;
static struct person	person = { .time_zone = "Europe/Paris" };
static struct view	view;
static json_t		*shown;

static int
setup(void **state)
{
	const struct embedded	*e = embedded_get("templates/en.json");

	(void)state;
	return (e != NULL && words_load(e->bytes, e->len) ? 0 : -1);
}

static int
teardown(void **state)
{
	(void)state;
	json_decref(shown);
	shown = NULL;
	arena_dispose(&arena);
	return (0);
}

static void
look(enum lang lang, enum surface surface, const char *path, const char *q)
{
	memset(&view, 0, sizeof(view));
	assert_int_equal(params_parse(&query, &arena, q, strlen(q)), OK);
	view.lang = lang;
	view.surface = surface;
	view.base = surface == BOARD ? "/board" : "/console";
	view.path = path;
	view.query = &query;
	view.person = &person;
	view.now_ms = NOW_MS;
}

/* Returns an item of the list in which the members of over replace the usual
 * ones. */
static json_t *
item(const char *over)
{
	json_t	*base, *patch = json_loads(over, 0, NULL);

	base = json_loads("{"
	    "\"id\": \"" ID "\", \"direction\": \"inbound\","
	    "\"site\": {\"id\": \"" ID_3 "\", \"name\": \"Paris\","
	    "  \"time_zone\": \"Europe/Paris\"},"
	    "\"account\": {\"id\": \"" ID_4 "\", \"name\": \"Julien Breton\"},"
	    "\"caller\": {\"kind\": \"e164\", \"value\": \"+33613241088\","
	    "  \"name\": null},"
	    "\"callee\": {\"kind\": \"identity\","
	    "  \"value\": \"julien@blueprint.fr\","
	    "  \"name\": \"Julien Breton\"},"
	    "\"started_at\": \"2026-07-30T15:14:05.250Z\","
	    "\"duration_ms\": 62000, \"mood\": \"angry\","
	    "\"subject\": \"Facture\", \"mode\": \"always\","
	    "\"status\": \"ready\", \"has_audio\": true,"
	    "\"expires_at\": \"2026-08-29T15:14:05.250Z\", \"match\": null}",
	    0, NULL);
	assert_non_null(base);
	assert_non_null(patch);
	json_object_update(base, patch);
	json_decref(patch);
	return (base);
}

/* Presents a list of one item, or of none for NULL. */
static void
list(const char *q, json_t *one, enum lang lang)
{
	json_t	*model;

	look(lang, CONSOLE, "/console/recordings", q);
	model = json_pack("{s:[o*], s:n, s:{s:i, s:i}, s:i, s:b,"
	    " s:[{s:s, s:s}, {s:s, s:s}], s:[{s:s, s:s}], s:{s:i, s:i}}",
	    "items", one, "next", "counts", "angry", 1234, "neutral", 2,
	    "total", one == NULL ? 0 : 1, "total_is_capped", 0,
	    "sites", "id", ID_3, "name", "Paris", "id", ID_4, "name", "Lyon",
	    "accounts", "id", ID_3, "name", "Julien Breton",
	    "retention_days", "min", 30, "max", 30);
	assert_non_null(model);
	shown = present_list(&view, model);
	json_decref(model);
}

static void
detail(const char *q, json_t *model)
{
	look(LANG_FR, CONSOLE, "/console/recordings/" ID, q);
	shown = present_detail(&view, model);
	json_decref(model);
}

/* Returns the text at a path such as "items.0.caller.label", or NULL for
 * null. */
static const char *
at(const char *path)
{
	char		 part[64];
	const json_t	*value = shown;
	size_t		 n;

	for (; *path != '\0'; path += n + (path[n] == '.')) {
		n = strcspn(path, ".");
		memcpy(part, path, n);
		part[n] = '\0';
		value = json_is_array(value) ?
		    json_array_get(value, strtoul(part, NULL, 10)) :
		    json_object_get(value, part);
		assert_non_null(value);
	}
	if (json_is_boolean(value))
		return (json_is_true(value) ? "true" : "false");
	return (json_string_value(value));
}

#define IS(path, text)	assert_string_equal(at(path), text)
#define NONE(path)	assert_null(at(path))

static void
row(void **state)
{
	(void)state;
	list("", item("{}"), LANG_FR);
	IS("title", "Enregistrements");
	IS("total", "1 enregistrement");
	IS("banner", "Les enregistrements et les transcriptions sont "
	    "supprimés après 30 jours.");
	IS("items.0.caller.label", "06 13 24 10 88");
	NONE("items.0.caller.detail");
	NONE("items.0.caller.initials");
	IS("items.0.callee.label", "Julien Breton");
	IS("items.0.callee.detail", "julien@blueprint.fr");
	IS("items.0.callee.initials", "JB");
	IS("items.0.mood.word", "Énervé");
	IS("items.0.mood.family", "bad");
	IS("items.0.date", "30/07, 17:14");
	IS("items.0.expires", "29 août");
	IS("items.0.expires_soon", "false");
	IS("items.0.duration", "01:02");
	IS("items.0.site_name", "Paris");
	IS("items.0.direction.word", "Entrant");
	IS("items.0.href", "/console/recordings/" ID);
	IS("items.0.audio_href", "/console/recordings/" ID "/audio.mp3");
	IS("items.0.peaks_href", "/console/recordings/" ID "/peaks");
	IS("items.0.pending", "false");
	NONE("items.0.snippet");
	NONE("next_href");
	NONE("first_href");
}

static void
row_in_english(void **state)
{
	(void)state;
	list("", item("{}"), LANG_EN);
	IS("title", "Recordings");
	IS("total", "1 recording");
	IS("items.0.date", "30 Jul, 17:14");
	IS("items.0.expires", "29 August");
	IS("items.0.mood.word", "Angry");
	IS("items.0.direction.word", "Incoming");
	IS("presets.1.label", "7 days");
}

/* Missing values of a row are null, not absent: a template would find the value
 * of the page. */
static void
pending(void **state)
{
	(void)state;
	list("mood=angry", item("{\"status\": \"pending\", \"mood\": null,"
	    " \"subject\": null, \"has_audio\": false,"
	    " \"mode\": \"on_demand\"}"), LANG_FR);
	IS("items.0.subject", "Appel de 06 13 24 10 88");
	IS("items.0.pending", "true");
	IS("items.0.on_demand", "true");
	NONE("items.0.mood");
	NONE("items.0.audio_href");
	NONE("items.0.peaks_href");
	NONE("items.0.snippet");
}

static void
parties(void **state)
{
	(void)state;
	list("", item("{\"subject\": null, \"status\": \"pending\","
	    "\"caller\": {\"kind\": \"withheld\", \"value\": null,"
	    "  \"name\": null},"
	    "\"callee\": {\"kind\": \"short\", \"value\": \"3250\","
	    "  \"name\": \"Élodie N’Diaye\"}}"), LANG_FR);
	IS("items.0.caller.label", "Numéro masqué");
	IS("items.0.caller.icon", "withheld");
	NONE("items.0.caller.initials");
	IS("items.0.subject", "Appel d’un numéro masqué");
	IS("items.0.callee.label", "Élodie N’Diaye");
	IS("items.0.callee.detail", "3250");
	IS("items.0.callee.initials", "ÉN");
}

static void
direction_marks_give_no_initials(void **state)
{
	(void)state;
	list("", item("{\"caller\": {\"kind\": \"e164\","
	    " \"value\": \"+33320998877\","
	    " \"name\": \"\\u202egnp.exe <b>gras</b>\"}}"), LANG_FR);
	NONE("items.0.caller.initials");
	IS("items.0.caller.label", "\xe2\x80\xaegnp.exe <b>gras</b>");
}

static void
soon(void **state)
{
	(void)state;
	list("", item("{\"expires_at\": \"2026-08-01T22:30:00.000Z\"}"),
	    LANG_FR);
	IS("items.0.expires", "2 août");	/* 00:30 in Paris */
	IS("items.0.expires_soon", "true");
}

static void
links_keep_the_filters(void **state)
{
	(void)state;
	list("q=devis+%26+%22d%C3%A9lai%22&mood=angry&mood=anxious&site=&from="
	    "2026-07-01&typing=1&after=" ID "&autre=1",
	    item("{\"match\": {\"start_ms\": 83420,"
	    " \"snippet\": [{\"text\": \"un \", \"hit\": false},"
	    " {\"text\": \"devis\", \"hit\": true}]}}"), LANG_FR);
	IS("items.0.href", "/console/recordings/" ID
	    "?q=devis%20%26%20%22d%C3%A9lai%22&mood=angry&mood=anxious"
	    "&from=2026-07-01&after=" ID "#t=83.42");
	IS("first_href", "/console/recordings"
	    "?q=devis%20%26%20%22d%C3%A9lai%22&mood=angry&mood=anxious"
	    "&from=2026-07-01");
	IS("presets.0.href", "/console/recordings"
	    "?q=devis%20%26%20%22d%C3%A9lai%22&mood=angry&mood=anxious"
	    "&from=2026-07-30&to=2026-07-30");
	IS("items.0.snippet.parts.1.text", "devis");
	IS("filtered", "true");
	IS("total", "1 enregistrement trouvé");
	IS("reset_href", "/console/recordings");
}

static void
form(void **state)
{
	(void)state;
	list("mood=angry&site=" ID_4 "&number=0613&min_ms=45000&max_ms=60000"
	    "&account=" ID_3 "&direction=outbound&from=2026-07-24"
	    "&to=2026-07-30", NULL, LANG_FR);
	IS("mood_label", "Énervé");
	IS("moods.3.key", "angry");
	IS("moods.3.checked", "true");
	IS("moods.3.count", "1" NNBSP "234");
	IS("moods.1.checked", "false");
	IS("moods.1.count", "0");
	IS("site_label", "Lyon");
	IS("sites.1.checked", "true");
	IS("date_label", "7 jours");
	IS("presets.1.current", "true");
	IS("presets.0.current", "false");
	IS("more_label", "5 autres filtres");
	IS("accounts.0.selected", "true");
	IS("several_accounts", "false");
	IS("directions.1.selected", "true");
	IS("min_lengths.7.ms", "45000");	/* not one of the presets */
	IS("min_lengths.7.word", "00:45");
	IS("max_lengths.1.selected", "true");
	IS("has_items", "false");
	IS("filtered", "true");
	IS("total", "0 enregistrement trouvé");
}

static void
labels_of_dates(void **state)
{
	(void)state;
	list("from=2026-07-01", NULL, LANG_FR);
	IS("date_label", "Depuis le 1er juillet");
	(void)teardown(NULL);
	list("to=2026-07-14", NULL, LANG_EN);
	IS("date_label", "Until 14 July");
	(void)teardown(NULL);
	list("from=2026-07-10&to=2026-07-14", NULL, LANG_FR);
	IS("date_label", "10 juillet – 14 juillet");
	(void)teardown(NULL);
	list("from=2026-07-01T10:00:00Z", NULL, LANG_FR);
	IS("date_label", "Depuis le 2026-07-01T10:00:00Z");
}

static void
totals(void **state)
{
	json_t	*model = json_pack(
		    "{s:[], s:i, s:b, s:b, s:{s:i}, s:{s:i, s:i}, s:s}",
		    "items", "total", 10000, "total_is_capped", 1,
		    "counts_are_capped", 1, "counts", "neutral", 12,
		    "retention_days", "min", 7, "max", 30, "next", ID);

	(void)state;
	look(LANG_FR, BOARD, "/board/recordings", "");
	shown = present_list(&view, model);
	json_decref(model);
	IS("heading", "Mes enregistrements");
	IS("total", "Plus de 10" NNBSP "000 enregistrements");
	IS("moods.0.count", "12+");
	IS("next_href", "/board/recordings?after=" ID);
	IS("banner", "Les enregistrements et les transcriptions sont "
	    "supprimés après 7–30 jours selon le site, à la date indiquée "
	    "sur chaque ligne.");
}

/* Days are in the customer's time zone: at 23:30 in Paris it is the 30th. */
static void
today_in_the_customers_zone(void **state)
{
	json_t	*model = json_pack("{s:[], s:i}", "items", "total", 0);

	(void)state;
	look(LANG_FR, CONSOLE, "/console/recordings", "");
	view.now_ms = NOW_MS + 6 * 3600 * 1000 + 600 * 1000;
	shown = present_list(&view, model);
	IS("today", "2026-07-30");
	(void)teardown(NULL);
	view.now_ms += 1800 * 1000;
	shown = present_list(&view, model);
	json_decref(model);
	IS("today", "2026-07-31");
	IS("presets.1.from", "2026-07-25");
}

static void
exchange(void **state)
{
	(void)state;
	detail("q=facture&mood=angry&after=" ID, item("{"
	    "\"summary\": \"Le client conteste.\", \"language\": \"fr\","
	    "\"pauses\": [{\"start_ms\": 28000, \"end_ms\": 42000},"
	    " {\"start_ms\": 50000, \"end_ms\": 51500}],"
	    "\"utterances\": ["
	    " {\"start_ms\": 0, \"end_ms\": 900, \"speaker\": \"caller\","
	    "  \"text\": \"Bonjour\"},"
	    " {\"start_ms\": 1050, \"end_ms\": 2000, \"speaker\": \"caller\","
	    "  \"text\": \"<script>alert(1)</script>\"},"
	    " {\"start_ms\": 43000, \"end_ms\": 46000,"
	    "  \"speaker\": \"callee\", \"text\": \"Oui\"}]}"));
	IS("title", "Facture");
	IS("date_long", "jeudi 30 juillet 2026 à 17:14");
	IS("summary", "Le client conteste.");
	IS("back_href", "/console/recordings?q=facture&mood=angry&after=" ID);
	IS("here", "/console/recordings/" ID "?q=facture&mood=angry&after=" ID);
	IS("q", "facture");
	IS("duration_s", "62");
	IS("sections.0.utterances.0.name", "06 13 24 10 88");
	IS("sections.0.utterances.0.first", "true");
	IS("sections.0.utterances.1.first", "false");
	IS("sections.0.utterances.1.start_s", "1.05");
	IS("sections.0.utterances.1.text", "<script>alert(1)</script>");
	NONE("sections.0.utterances.1.pause");
	IS("sections.0.utterances.2.pause.start", "00:28");
	IS("sections.0.utterances.2.pause.end", "00:42");
	IS("sections.0.utterances.3.name", "Julien Breton");
	IS("sections.0.utterances.3.time", "00:43");
	IS("sections.0.utterances.3.first", "true");
	IS("sections.0.utterances.4.pause.end_s", "51.5");
	IS("pauses.0.start", "00:28");
	IS("has_pauses", "true");
}

static void
pending_exchange(void **state)
{
	(void)state;
	detail("", item("{\"status\": \"pending\", \"subject\": null,"
	    "\"mood\": null, \"has_audio\": false, \"summary\": null,"
	    "\"language\": null, \"pauses\": [], \"utterances\": []}"));
	IS("title", "Appel de 06 13 24 10 88");
	IS("has_transcript", "false");
	IS("has_pauses", "false");
	NONE("summary");
	NONE("audio_href");
	IS("back_href", "/console/recordings");
}

/* Long exchanges are split into sections, which browsers lay out one by one. */
static void
long_exchange(void **state)
{
	json_t	*model = item("{}"), *utterances = json_array();
	int	 i;

	(void)state;
	for (i = 0; i < 201; i++)
		json_array_append_new(utterances, json_pack(
		    "{s:i, s:i, s:s, s:s}", "start_ms", i * 20000, "end_ms",
		    i * 20000 + 500, "speaker", "caller", "text", "Oui."));
	json_object_set_new(model, "utterances", utterances);
	detail("", model);
	IS("sections.0.utterances.99.time", "33:00");
	IS("sections.1.utterances.0.first", "false");
	IS("sections.2.utterances.0.time", "1:06:40");
	assert_int_equal(json_array_size(json_object_get(shown, "sections")),
	    3);
}

static void
sign_in_again(void **state)
{
	json_t	*model = json_pack("{s:s, s:s, s:s}", "problem",
		    "Saisissez votre mot de passe.", "email", "a@b.fr", "to",
		    "/console/recordings?q=a&mood=angry");

	(void)state;
	look(LANG_EN, CONSOLE, "/console/session", "");
	shown = present_sign_in(&view, model);
	json_decref(model);
	IS("title", "Sign in");
	IS("problem", "Enter your password.");
	IS("email", "a@b.fr");
	IS("to", "/console/recordings?q=a&mood=angry");
	IS("here", "/console/sign-in"
	    "?to=%2Fconsole%2Frecordings%3Fq%3Da%26mood%3Dangry");
	IS("signed_out", "false");
}

static void
sign_in_first(void **state)
{
	json_t	*model = json_object();

	(void)state;
	look(LANG_FR, BOARD, "/board/sign-in", "");
	shown = present_sign_in(&view, model);
	json_decref(model);
	NONE("problem");
	NONE("email");
	NONE("to");
	IS("here", "/board/sign-in");
}

#define CASE(name)	cmocka_unit_test_teardown(name, teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		CASE(row), CASE(row_in_english), CASE(pending), CASE(parties),
		CASE(direction_marks_give_no_initials), CASE(soon),
		CASE(links_keep_the_filters), CASE(form),
		CASE(labels_of_dates), CASE(totals),
		CASE(today_in_the_customers_zone), CASE(exchange),
		CASE(pending_exchange), CASE(long_exchange),
		CASE(sign_in_again), CASE(sign_in_first),
	};

	return (cmocka_run_group_tests(tests, setup, NULL));
}
