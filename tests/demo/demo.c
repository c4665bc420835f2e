/*
 * demo OUT_DIR [--today INSTANT] [--from DIR] - writes a WAV file and an ingest
 * document for each call of the demo to OUT_DIR, which must not exist. The
 * folder is renamed when it is complete. Equal instants give equal bytes.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "demo.h"

/* Work of several threads: each calls next until it returns false. */
struct work {
	bool	(*next)(void *);
	void	 *context;
};

struct output {
	struct plan	*plan;
	char		*folder;
	atomic_size_t	 next;
};

static void	 usage(void);
static int64_t	 instant(const char *);
static void	 folder_empty(const char *);
static void	*run_work(void *);
static void	 run_threads(bool (*)(void *), void *);
static bool	 write_next(void *);
static void	 request_clips(struct call *);
static void	 make_calls(const char *, const char *, int64_t);

static void
usage(void)
{
	fprintf(stderr,
	    "usage: demo OUT_DIR [--today YYYY-MM-DDTHH:MM:SSZ] "
	    "[--from DIR]\n");
	exit(2);
}

static int64_t
instant(const char *text)
{
	struct tm	 tm;
	const char	*end;

	memset(&tm, 0, sizeof(tm));
	end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (end == NULL || *end != '\0')
		usage();
	return ((int64_t)timegm(&tm) * 1000);
}

/* Removes the files of an interrupted run. */
static void
folder_empty(const char *folder)
{
	DIR		*dir;
	struct dirent	*e;
	char		*path;

	if (mkdir(folder, 0755) == -1 && errno != EEXIST)
		err(1, "%s", folder);
	dir = opendir(folder);
	if (dir == NULL)
		err(1, "%s", folder);
	while ((e = readdir(dir)) != NULL) {
		if (*e->d_name == '.')
			continue;
		path = path_of(folder, e->d_name, "");
		if (unlink(path) == -1)
			err(1, "%s", path);
		free(path);
	}
	closedir(dir);
}

static void *
run_work(void *context)
{
	const struct work	*w = context;

	while (w->next(w->context))
		;
	return (NULL);
}

/* Does the work on two threads, this one and another. */
static void
run_threads(bool (*next)(void *), void *context)
{
	struct work	 w = { next, context };
	pthread_t	 other;

	if (pthread_create(&other, NULL, run_work, &w) != 0)
		errx(1, "no thread");
	run_work(&w);
	pthread_join(other, NULL);
}

static bool
write_next(void *context)
{
	struct output	*out = context;
	struct call	*call;
	char		*audio, *document;
	size_t		 i;

	i = atomic_fetch_add(&out->next, 1);
	if (i >= out->plan->ncalls)
		return (false);
	call = &out->plan->calls[i];
	audio = path_of(out->folder, call->source_id, ".wav");
	document = path_of(out->folder, call->source_id, ".json");
	call_place(call);
	if (call->has_audio)
		call_write_audio(call, audio);
	call_write_document(call, document, strrchr(audio, '/') + 1);
	free(audio);
	free(document);
	return (true);
}

static void
request_clips(struct call *call)
{
	const struct account	*party;
	struct line		*l;
	size_t			 i;

	for (i = 0; i < call->turns.n; i++) {
		l = &call->turns.line[i];
		if (l->kind != SAY)
			continue;
		party = call_party(call, l->speaker);
		l->clip = clip_get(party != NULL ? party->voice : call->voice,
		    call->rate, l->text);
	}
}

/* Makes the calls in the folder, which must not exist. */
static void
make_calls(const char *folder, const char *from, int64_t today_ms)
{
	struct plan	 plan;
	struct output	 out = { .plan = &plan };
	size_t		 i;

	if (access(folder, F_OK) == 0)
		errx(1, "%s is there already", folder);
	plan_read(&plan, from, today_ms);
	for (i = 0; i < plan.ncalls; i++) {
		dialogue_speak(&plan.calls[i]);
		request_clips(&plan.calls[i]);
	}
	printf("%zu calls, %zu pieces of speech\n", plan.ncalls, clip_count());
	fflush(stdout);
	if (asprintf(&out.folder, "%s.part", folder) == -1)
		err(1, NULL);
	folder_empty(out.folder);
	run_threads(clip_make_next, NULL);
	run_threads(write_next, &out);
	if (rename(out.folder, folder) == -1)
		err(1, "%s", folder);
}

int
main(int argc, char **argv)
{
	const char	*folder, *from;
	int64_t		 today_ms;
	int		 arg;

	folder = NULL;
	from = "tests/demo";
	today_ms = (int64_t)time(NULL) * 1000;
	for (arg = 1; arg < argc; arg++) {
		if (strcmp(argv[arg], "--today") == 0 && arg + 1 < argc)
			today_ms = instant(argv[++arg]);
		else if (strcmp(argv[arg], "--from") == 0 && arg + 1 < argc)
			from = argv[++arg];
		else if (*argv[arg] != '-' && folder == NULL)
			folder = argv[arg];
		else
			usage();
	}
	if (folder == NULL)
		usage();
	/* the time zone of the sites */
	setenv("TZ", "Europe/Paris", 1);
	tzset();
	make_calls(folder, from, today_ms);
	return (0);
}
