/*
 * demo OUT_DIR [--today INSTANT] [--from DIR]: writes the demo's calls, a WAV
 * and an ingest document each, into OUT_DIR, which must not exist. It appears
 * complete or not at all. The same INSTANT gives the same bytes.
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

/* Work that threads take the next piece of, until there is none. */
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
static void	*take(void *);
static void	 share(bool (*)(void *), void *);
static bool	 write_next(void *);
static void	 ask_clips(struct call *);
static void	 make(const char *, const char *, int64_t);

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

/* What an interrupted run left goes away. */
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
take(void *context)
{
	const struct work	*w = context;

	while (w->next(w->context))
		;
	return (NULL);
}

/* Two threads: this one and another. */
static void
share(bool (*next)(void *), void *context)
{
	struct work	 w = { next, context };
	pthread_t	 other;

	if (pthread_create(&other, NULL, take, &w) != 0)
		errx(1, "no thread");
	take(&w);
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
ask_clips(struct call *call)
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

/* The calls of today in folder, which must not be there. */
static void
make(const char *folder, const char *from, int64_t today_ms)
{
	struct plan	 plan;
	struct output	 out = { .plan = &plan };
	size_t		 i;

	if (access(folder, F_OK) == 0)
		errx(1, "%s is there already", folder);
	plan_read(&plan, from, today_ms);
	for (i = 0; i < plan.ncalls; i++) {
		dialogue_speak(&plan.calls[i]);
		ask_clips(&plan.calls[i]);
	}
	printf("%zu calls, %zu pieces of speech\n", plan.ncalls, clip_count());
	fflush(stdout);
	if (asprintf(&out.folder, "%s.part", folder) == -1)
		err(1, NULL);
	folder_empty(out.folder);
	share(clip_make_next, NULL);
	share(write_next, &out);
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
	/* the clocks of the offices */
	setenv("TZ", "Europe/Paris", 1);
	tzset();
	make(folder, from, today_ms);
	return (0);
}
