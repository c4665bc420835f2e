/*
 * The plan of an archive, see plan.h. A call's files share one name (start,
 * caller, callee, subject), with " (2)" at its end when the name is taken.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/csv.h"
#include "base/log.h"
#include "base/text.h"
#include "exports/plan.h"
#include "recordings/recordings.h"
#include "server/model.h"

#define PDF_BYTES	186000	/* estimate for a transcript */
#define ENTRY_BYTES	300	/* estimate for ZIP headers and names */
#define COLUMNS_MAX	32

/* --- arrays that grow ----------------------------------------------------- */

static void *
room_for_one(void *list, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return (list);
	*room = *room == 0 ? 64 : 2 * *room;
	if ((list = realloc(list, *room * size)) == NULL)
		log_fatal("event=out_of_memory");
	return (list);
}

static struct archive_entry *
entry_add(struct plan *p, const char *name, int64_t size, struct civil when)
{
	struct archive_entry	*e;

	p->entries = room_for_one(p->entries, p->entry_count, &p->entry_room,
	    sizeof(*p->entries));
	e = &p->entries[p->entry_count++];
	*e = (struct archive_entry) { .name = name, .size = size,
	    .when = when };
	p->bytes += ENTRY_BYTES + size;
	return (e);
}

static void
member_add(struct plan *p, const char *id, unsigned content)
{
	struct member	*m;

	p->members = room_for_one(p->members, p->count, &p->room,
	    sizeof(*p->members));
	m = &p->members[p->count++];
	(void)snprintf(m->id, sizeof(m->id), "%s", id);
	m->content = content;
}

/* --- the table ------------------------------------------------------------ */

/* Returns "2026-11-24 17:05:09" in the site's time zone, or only the day. */
static char *
local_time(struct arena *a, const json_t *item, const char *member, bool day)
{
	struct civil	 c;
	int64_t		 ms = 0;

	(void)clock_parse_utc(get(item, member), &ms);
	c = zone_civil(zone_get(get(json_object_get(item, "site"),
	    "time_zone")), ms);
	if (day)
		return (arena_printf(a, "%04d-%02d-%02d", c.year, c.month,
		    c.day));
	return (arena_printf(a, "%04d-%02d-%02d %02d:%02d:%02d", c.year,
	    c.month, c.day, c.hour, c.minute, c.second));
}

static char *
local_duration(struct arena *a, const json_t *item)
{
	int64_t	s = json_integer_value(json_object_get(item, "duration_ms")) /
		    1000;

	return (arena_printf(a, "%02lld:%02lld:%02lld", (long long)(s / 3600),
	    (long long)(s / 60 % 60), (long long)(s % 60)));
}

/* Returns a party's name and number, or only the one it has. */
static const char *
party_words(struct arena *a, const json_t *party)
{
	const char	*detail = get(party, "detail");

	return (detail == NULL ? get(party, "label") :
	    arena_printf(a, "%s (%s)", get(party, "label"), detail));
}

static const char *
why_words(enum lang l, const char *why)
{
	if (why == NULL)
		return (NULL);
	if (strcmp(why, "expiring") == 0)
		return (tr(l, "date de suppression dans les deux heures"));
	if (strcmp(why, "no_audio") == 0)
		return (tr(l, "pas encore d’audio"));
	if (strcmp(why, "no_transcript") == 0)
		return (tr(l, "pas encore de transcription"));
	return (tr(l, "audio perdu ou abîmé"));
}

struct cell {
	const char	*title;
	const char	*text;
};

/* Adds a row to the table; before the first one, the row of titles. */
static void
table_row(struct plan *p, const struct cell *row, size_t n)
{
	const char	*separator = csv_separator(p->view.lang);
	const char	*cells[COLUMNS_MAX];
	size_t		 i;

	if (p->table.len == 0) {
		for (i = 0; i < n; i++)
			cells[i] = tr(p->view.lang, row[i].title);
		buf_puts(&p->table, CSV_MARK);
		csv_row(&p->table, separator, cells, n);
	}
	for (i = 0; i < n; i++)
		cells[i] = row[i].text;
	csv_row(&p->table, separator, cells, n);
}

/* Adds a call to the table. why: the reason that it has no file, or NULL. */
static void
table_call(struct plan *p, json_t *item, const char *mp3,
    const char *pdf, const char *why)
{
	struct arena		 a = { NULL };
	json_t			*w = recording_words(&p->view, item);
	const struct cell	 row[] = {
		{ "Fichier audio", mp3 },
		{ "Fichier transcription", pdf },
		{ "Date", local_time(&a, item, "started_at", false) },
		{ "Appelant", party_words(&a, json_object_get(w, "caller")) },
		{ "Appelé(e)", party_words(&a, json_object_get(w, "callee")) },
		{ "Compte", get(json_object_get(item, "account"), "name") },
		{ "Site", get(json_object_get(item, "site"), "name") },
		{ "Sens de l’appel",
		    get(json_object_get(w, "direction"), "word") },
		{ "Durée", local_duration(&a, item) },
		{ "Émotion", get(json_object_get(w, "mood"), "word") },
		{ "Sujet", get(w, "subject") },
		{ "Supprimé le", local_time(&a, item, "expires_at", true) },
		{ "Laissé de côté", why_words(p->view.lang, why) },
	};

	table_row(p, row, sizeof(row) / sizeof(row[0]));
	json_decref(w);
	arena_dispose(&a);
}

/* --- calls ---------------------------------------------------------------- */

static void
leave_out(struct plan *p, const char *id, const char *why)
{
	int64_t	n = json_integer_value(json_object_get(p->left_out, why));

	json_object_set_new(p->left_out, why, json_integer(n + 1));
	json_array_append_new(p->absent, json_string(id));
}

/* Reads the audio format of a row; returns false when it is not valid. */
static bool
info_of(const struct db_rows *rows, int row, struct source_info *info)
{
	const char	*format = db_text(rows, row, "format");
	int64_t		 channels, rate;

	memset(info, 0, sizeof(*info));
	while (info->format < SOURCE_ULAW &&
	    strcmp(source_format_name(info->format), format) != 0)
		info->format++;
	if (!text_int64(db_text(rows, row, "rate"), 1, 48000, &rate) ||
	    !text_int64(db_text(rows, row, "channels"), 1, 2,
	    &channels) || !text_int64(db_text(rows, row, "samples"), 1,
	    INT64_MAX, &info->samples))
		return (false);
	info->rate = (int)rate;
	info->channels = (int)channels;
	return (true);
}

enum result
plan_mp3(const struct db_rows *rows, int row, const json_t *item,
    struct mp3_file *f)
{
	struct arena		 a = { NULL };
	struct mp3_facts	 facts = {
		.key = db_text(rows, row, "audio_key"),
		.sha256 = db_text(rows, row, "etag_seed")
	};
	enum result		 r = DAMAGED;

	facts.title = recording_title(&a, item);
	(void)clock_parse_utc(get(item, "started_at"), &facts.started_ms);
	if (info_of(rows, row, &facts.info) &&
	    mp3_file_plan(f, &facts) == OK)
		r = OK;
	arena_dispose(&a);
	return (r);
}

/* Checks that the audio can be read; sets *length to the bytes of its MP3. */
static enum result
check_audio(struct plan *p, const struct db_rows *rows, int row,
    const json_t *item, int64_t *length)
{
	struct mp3_file	 f;
	struct source	 source;
	const char	*why = "no MP3 can be made of this audio format";
	enum result	 r;

	r = plan_mp3(rows, row, item, &f);
	if (r == OK)
		r = mp3_file_open(&f, p->maker->shop->store, &source, &why);
	if (r == OK) {
		*length = f.mp3.length;
		source_close(&source);
	} else
		log_error("event=export_sound recording=%s result=%d "
		    "why=\"%s\"", db_text(rows, row, "id"), r, why);
	return (r);
}

/*
 * Sets the names of a call's files, which differ only in their ending, ".mp3"
 * or ".pdf". A taken name gets a number before its ending.
 */
static void
name_files(struct plan *p, const json_t *item, const char **mp3,
    const char **pdf)
{
	char	 ending[24], number[16] = "";
	int	 n;

	for (n = 2;; n++) {
		(void)snprintf(ending, sizeof(ending), "%s.mp3", number);
		*mp3 = recording_filename(&p->arena, &p->view, item, ending);
		if (names_take(&p->names, *mp3))
			break;
		(void)snprintf(number, sizeof(number), " (%d)", n);
	}
	(void)snprintf(ending, sizeof(ending), "%s.pdf", number);
	*pdf = recording_filename(&p->arena, &p->view, item, ending);
}

/* Adds the files of a call that exist. */
static void
add_files(struct plan *p, const char *id, json_t *item, unsigned content,
    int64_t sound_length)
{
	const char	*mp3, *pdf;
	struct civil	 when = recording_when(&p->view, item);

	name_files(p, item, &mp3, &pdf);
	if (content & SOUND)
		(void)entry_add(p, mp3, sound_length, when);
	if (content & TEXT)
		(void)entry_add(p, pdf, PDF_BYTES, when);
	member_add(p, id, content);
	table_call(p, item, content & SOUND ? mp3 : NULL,
	    content & TEXT ? pdf : NULL, NULL);
}

/*
 * Sets *content to the wanted files that exist, and *length for the MP3. If
 * none exists, *why is the reason. Returns OK, or UNAVAILABLE when the store is
 * away.
 */
static enum result
check_call(struct plan *p, const struct db_rows *rows, int row,
    const json_t *item, unsigned *content, int64_t *length, const char **why)
{
	unsigned	 wanted = p->maker->content;
	enum result	 r = OK;

	*content = 0;
	*why = wanted & SOUND ? "no_audio" : "no_transcript";
	if (wanted & SOUND && db_text(rows, row, "audio_key") != NULL) {
		r = check_audio(p, rows, row, item, length);
		*content |= r == OK ? SOUND : 0;
		*why = "damaged";
	}
	if (wanted & TEXT && get(item, "subject") != NULL)
		*content |= TEXT;
	return (r == UNAVAILABLE ? UNAVAILABLE : OK);
}

enum result
plan_add(struct plan *p, const struct db_rows *rows, int row)
{
	const char	*id = db_text(rows, row, "id"), *why;
	const char	*call = db_text(rows, row, "call");
	json_t		*item;
	unsigned	 content = 0;
	int64_t		 length = 0;
	enum result	 r = OK;

	if (call == NULL) {
		leave_out(p, id, "gone");
		return (OK);
	}
	item = json_loads(call, 0, NULL);
	if (strcmp(db_text(rows, row, "expiring"), "t") == 0)
		why = "expiring";
	else
		r = check_call(p, rows, row, item, &content, &length, &why);
	if (r == OK && content != 0)
		add_files(p, id, item, content, length);
	else if (r == OK) {
		leave_out(p, id, why);
		table_call(p, item, NULL, NULL, why);
	}
	json_decref(item);
	return (r);
}

/* --- the whole ------------------------------------------------------------ */

void
plan_init(struct plan *p, const struct maker *m)
{
	struct civil	 now;

	memset(p, 0, sizeof(*p));
	p->maker = m;
	p->owner.time_zone = m->time_zone;
	p->owner.name = p->owner.email = p->owner.tenant_name = "";
	p->view.lang = m->lang;
	p->view.surface = CONSOLE;
	p->view.base = "/console";
	p->view.path = "";
	p->view.query = &p->query;
	p->view.person = &p->owner;
	p->view.brand = &m->brand;
	p->view.now_ms = clock_now_ms();
	p->left_out = json_object();
	p->absent = json_array();
	now = zone_civil(zone_get(m->time_zone), p->view.now_ms);
	(void)entry_add(p, tr(m->lang, "Liste des enregistrements.csv"), 0,
	    now);
	(void)names_take(&p->names, p->entries[0].name);
}

size_t
plan_read_table(struct plan *p, void *buf, size_t n)
{
	if (n > p->table.len - p->table_at)
		n = p->table.len - p->table_at;
	memcpy(buf, p->table.data + p->table_at, n);
	p->table_at += n;
	return (n);
}

void
plan_end(struct plan *p)
{
	p->entries[0].size = (int64_t)p->table.len;
	p->bytes += p->entries[0].size;
}

void
plan_dispose(struct plan *p)
{
	arena_dispose(&p->arena);
	free(p->members);
	free(p->entries);
	buf_dispose(&p->table);
	names_dispose(&p->names);
	json_decref(p->left_out);
	json_decref(p->absent);
}
