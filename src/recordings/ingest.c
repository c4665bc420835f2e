/*
 * `smartrecord ingest FOLDER`: the pipeline's reference client. Loads each
 * *.json of FOLDER in the order of names: first its audio into the store, then
 * its document into the database. May be stopped and run again at any time.
 */
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/options.h"
#include "db/db.h"
#include "recordings/ingest_audio.h"
#include "recordings/passed_over.h"
#include "recordings/recordings.h"

#define PATH_SIZE	4096
#define PROGRESS_MS	200	/* on a terminal */
#define PROGRESS_LOG_MS	5000	/* elsewhere: one line each time */

/* DELETED: the recording was deleted before and stays so. */
enum { CREATED, COMPLETED, UNCHANGED, DELETED, REFUSED, KINDS };
static const char *const kinds[KINDS] = { "created", "completed", "unchanged",
    "deleted", "refused" };

struct ingest {
	struct db	*db;
	struct store	*store;
	const char	*folder;
	json_t		*named;		/* audio files, see passed_over.h */
	bool		 quiet;
	int		 total;
	int		 counts[KINDS];
	int64_t		 started;	/* monotonic ms */
	int64_t		 shown;		/* when progress was last shown */
};

static int
files_done(const struct ingest *in)
{
	int	i, n = 0;

	for (i = 0; i < KINDS; i++)
		n += in->counts[i];
	return (n);
}

static void
show_progress(struct ingest *in)
{
	bool	terminal = isatty(STDOUT_FILENO) == 1;
	int64_t	now = clock_mono_ms();

	if (in->quiet ||
	    now - in->shown < (terminal ? PROGRESS_MS : PROGRESS_LOG_MS))
		return;
	in->shown = now;
	printf("%s%d of %d recordings%s", terminal ? "\r" : "",
	    files_done(in), in->total, terminal ? " " : "\n");
	fflush(stdout);
}

static void
show_summary(const struct ingest *in)
{
	int	i;

	if (in->quiet)
		return;
	printf("%s%d recording%s:", isatty(STDOUT_FILENO) == 1 ? "\r" : "",
	    files_done(in), files_done(in) == 1 ? "" : "s");
	for (i = 0; i < KINDS; i++)
		printf("%s %d %s", i == 0 ? "" : ",", in->counts[i],
		    kinds[i]);
	printf(" (%.1f s)\n",
	    (double)(clock_mono_ms() - in->started) / 1000);
}

/* Returns the outcome of pipeline.ingest(). Removes audio that the recording
 * does not name: the recording was deleted, or has other audio. */
static int
ingest_outcome(struct ingest_audio *audio, const char *text)
{
	json_t		*answer = json_loads(text, 0, NULL);
	const char	*outcome;
	int		 i, kind = REFUSED;

	outcome = json_string_value(json_object_get(answer, "outcome"));
	for (i = 0; i < KINDS && outcome != NULL; i++)
		if (strcmp(outcome, kinds[i]) == 0)
			kind = i;
	if (outcome != NULL)
		ingest_audio_keep(audio,
		    json_string_value(json_object_get(answer, "audio_key")),
		    json_string_value(json_object_get(answer,
		    "original_key")));
	json_decref(answer);
	return (kind);
}

/* Sends the document to the database; INVALID: why says how it is refused. */
static enum result
ingest_document(struct ingest *in, json_t *document,
    struct ingest_audio *audio, char why[INGEST_WHY])
{
	struct db_rows	*rows;
	const char	*message;
	char		*text = json_dumps(document, JSON_COMPACT);
	enum result	 result;

	result = db_run(in->db, SQL_RECORDINGS_INGEST, NULL,
	    (const char *const *)&text, 1, &rows);
	snprintf(why, INGEST_WHY, "the database can't be reached");
	if (result == OK)
		in->counts[ingest_outcome(audio, db_value(rows, 0, 0))]++;
	else if (result != UNAVAILABLE) {
		message = db_message(rows);
		snprintf(why, INGEST_WHY, "%s", message != NULL ? message :
		    "the database failed on it, see its log");
		ingest_audio_undo(audio);
		result = INVALID;
	}
	db_rows_free(rows);
	free(text);
	return (result);
}

static enum result
ingest_file(struct ingest *in, const char *name, struct ingest_audio *audio,
    char why[INGEST_WHY])
{
	char		 path[PATH_SIZE];
	json_error_t	 error;
	json_t		*document;
	enum result	 result;

	snprintf(path, sizeof(path), "%s/%s", in->folder, name);
	document = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (document == NULL) {
		snprintf(why, INGEST_WHY, "line %d: %s", error.line,
		    error.text);
		return (INVALID);
	}
	passed_over_except(in->named, document);
	/* a document that is no object has no audio: the database refuses it */
	result = ingest_audio_put(audio, document, in->folder, why);
	if (result == OK)
		result = ingest_document(in, document, audio, why);
	else if (result == INVALID)
		ingest_audio_undo(audio);
	json_decref(document);
	return (result);
}

/* Ingests one file; returns false when the database or the store is away. */
static bool
ingest_next(struct ingest *in, const char *name)
{
	struct ingest_audio	 audio = { .store = in->store };
	char			 why[INGEST_WHY] = "";
	const char		*notes = audio.notes;
	enum result		 result;

	result = ingest_file(in, name, &audio, why);
	if (result == OK && notes[0] != '\0')
		fprintf(in->quiet ? stderr : stdout, "%s: %s\n", name, notes);
	else if (result == INVALID) {
		fprintf(stderr, "%s: %s%s%s\n", name, why,
		    notes[0] == '\0' ? "" : "; ", notes);
		in->counts[REFUSED]++;
	} else if (result != OK) {
		fprintf(stderr, "smartrecord ingest: %s; run it again to go "
		    "on at %s\n", why, name);
		return (false);
	}
	show_progress(in);
	return (true);
}

static bool
ingest_folder(struct ingest *in)
{
	struct dirent	**entries;
	bool		  going = true;
	int		  i;

	in->total = scandir(in->folder, &entries, is_document, alphasort);
	if (in->total < 0) {
		fprintf(stderr, "smartrecord ingest: %s: %s\n", in->folder,
		    strerror(errno));
		return (false);
	}
	for (i = 0; i < in->total; i++) {
		going = going && ingest_next(in, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	show_summary(in);
	if (going)
		passed_over_show(in->quiet ? stderr : stdout, in->folder,
		    in->named);
	return (going && in->counts[REFUSED] == 0);
}

static bool
ingest_open(struct ingest *in, const struct settings *s)
{
	char	*why = NULL;

	in->started = in->shown = clock_mono_ms();
	in->named = json_object();
	in->store = store_new(s->store, &why);
	if (in->store != NULL)
		in->db = db_open(s->database_pipeline, &why);
	if (in->db != NULL)
		return (true);
	fprintf(stderr, "smartrecord ingest: %s\n", why);
	free(why);
	return (false);
}

int
command_ingest(const struct settings *s, int argc, char **argv)
{
	static const struct verb	usage = { .usage =
					    "ingest FOLDER [--quiet]" };
	struct ingest			in = { 0 };
	bool				ok;
	const struct option		options[] = {
		{ .name = "--quiet", .flag = &in.quiet },
		{ .name = NULL }
	};

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		printf("usage: smartrecord %s\n\n"
		    "Loads each FOLDER/*.json with the audio file beside it "
		    "that it names. The\nformat is that of 'smartrecord help "
		    "pipeline'. Prints on standard error what is\nrefused and "
		    "why, and then exits 1. Tells what was wrong in a\nheader, "
		    "and which files it passes over. May be stopped and run "
		    "again:\nrecordings that are already there stay as they "
		    "are.\n",
		    usage.usage);
		return (0);
	}
	if (!options_parse(&usage, argc - 1, argv + 1, options, &in.folder, 1))
		return (2);
	ok = ingest_open(&in, s) && ingest_folder(&in);
	json_decref(in.named);
	db_close(in.db);
	store_free(in.store);
	return (ok ? 0 : 1);
}
