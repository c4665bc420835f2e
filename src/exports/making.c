/*
 * Claims archives, renews their leases and stops cancelled ones. For each of
 * them a thread (maker.c) does the work, with the pool. This file runs on the
 * loop's thread; a slow database delays its ticks only.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/embedded.h"
#include "base/heavy.h"
#include "base/log.h"
#include "base/token.h"
#include "base/words.h"
#include "db/db.h"
#include "exports/exports.h"
#include "exports/maker.h"

#define TICK_MS		500
#define MAKERS		3	/* at once; the last one for small archives */
#define STACK		(512 * 1024)	/* bytes of a maker's thread */
#define WORKER_TEXT	32	/* characters of a worker's name */
#define PIECES_A_THREAD	16	/* made ahead per thread: 1 MB at most */

static struct workshop	 shop;
static struct db	*db;		/* NULL: not opened yet */
static struct maker	*makers[MAKERS];
static bool		 stopping;

static bool
database_open(void)
{
	char	*why = NULL;

	if (db == NULL)
		db = db_open(shop.settings->database_jobs, &why);
	if (db == NULL)
		log_warn("event=exports_database why=\"%s\"", why);
	free(why);
	return (db != NULL);
}

unsigned
making_count(void)
{
	unsigned	 n = 0;
	size_t		 i;

	for (i = 0; i < MAKERS; i++)
		n += makers[i] != NULL;
	return (n);
}

static void
join_finished(void)
{
	struct maker	*m;
	size_t		 i;

	for (i = 0; i < MAKERS; i++) {
		m = makers[i];
		if (m == NULL || !atomic_load(&m->over))
			continue;
		pthread_join(m->thread, NULL);
		arena_dispose(&m->arena);
		free(m);
		makers[i] = NULL;
	}
}

/* --- leases --------------------------------------------------------------- */

static char *
progress_text(void)
{
	const struct maker	*m;
	json_t			*list = json_array();
	char			*text;
	size_t			 i;

	for (i = 0; i < MAKERS; i++)
		if ((m = makers[i]) != NULL)
			json_array_append_new(list, json_pack(
			    "{s:s, s:I, s:s, s:i, s:I}", "id", m->id,
			    "tenant", (json_int_t)strtoll(m->tenant, NULL, 10),
			    "worker", m->worker, "done", atomic_load(&m->done),
			    "bytes", (json_int_t)atomic_load(&m->bytes)));
	text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	return (text);
}

static bool
lease_held(const struct db_rows *rows, const char *worker)
{
	int	i;

	for (i = 0; i < db_count(rows); i++)
		if (strcmp(db_value(rows, i, 0), worker) == 0)
			return (true);
	return (false);
}

/* Renews the leases with the progress; stops makers that lost theirs. */
static void
leases_renew(void)
{
	char		*text = progress_text();
	const char	*params[1] = { text };
	struct db_rows	*rows;
	size_t		 i;

	if (db_run(db, SQL_EXPORTS_RUN_BEAT, NULL, params, 1, &rows) == OK)
		for (i = 0; i < MAKERS; i++)
			if (makers[i] != NULL &&
			    !lease_held(rows, makers[i]->worker))
				atomic_store(&makers[i]->stop, true);
	db_rows_free(rows);
	free(text);
}

/* --- claims --------------------------------------------------------------- */

static unsigned
content_of(const char *word)
{
	if (strcmp(word, "audio") == 0)
		return (SOUND);
	return (strcmp(word, "transcript") == 0 ? TEXT : SOUND | TEXT);
}

static struct maker *
maker_new(const struct db_rows *rows, const char *worker)
{
	struct maker	*m;
	struct arena	*a;

	if ((m = calloc(1, sizeof(*m))) == NULL)
		log_fatal("event=out_of_memory");
	a = &m->arena;
	m->shop = &shop;
	m->worker = arena_strdup(a, worker);
	m->id = arena_strdup(a, db_text(rows, 0, "id"));
	m->tenant = arena_strdup(a, db_text(rows, 0, "tenant_id"));
	m->account = arena_strdup(a, db_text(rows, 0, "account_id"));
	m->person = arena_strdup(a, db_text(rows, 0, "person_id"));
	m->tenant_key = arena_strdup(a, db_text(rows, 0, "tenant_key"));
	if (db_text(rows, 0, "team") != NULL)
		m->team = arena_strdup(a, db_text(rows, 0, "team"));
	m->content = content_of(db_text(rows, 0, "content"));
	m->lang = strcmp(db_text(rows, 0, "language"), "en") == 0 ? LANG_EN :
	    LANG_FR;
	m->brand.name = arena_strdup(a, db_text(rows, 0, "brand"));
	m->brand.color = arena_strdup(a, db_text(rows, 0, "color"));
	m->brand.contact = "";
	m->time_zone = arena_strdup(a, db_text(rows, 0, "time_zone"));
	return (m);
}

static bool
maker_start(struct maker *m)
{
	pthread_attr_t	 attr;
	int		 error;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	error = pthread_create(&m->thread, &attr, maker_run, m);
	pthread_attr_destroy(&attr);
	if (error == 0)
		return (true);
	/* the lease ends, and another worker claims the archive */
	log_error("event=export_thread why=\"%s\"", strerror(error));
	arena_dispose(&m->arena);
	free(m);
	return (false);
}

/* Claims one archive for a free slot; false when there is none to make. */
static bool
claim_one(struct maker **slot, bool small)
{
	char		 token[TOKEN_TEXT];
	const char	*params[2] = { token, small ? "true" : "false" };
	struct db_rows	*rows;
	struct maker	*m = NULL;

	token_new(token);
	token[WORKER_TEXT] = '\0';
	if (db_run(db, SQL_EXPORTS_RUN_CLAIM, NULL, params, 2, &rows) == OK &&
	    db_count(rows) > 0)
		m = maker_new(rows, token);
	db_rows_free(rows);
	if (m == NULL || !maker_start(m))
		return (false);
	*slot = m;
	return (true);
}

/* Claims archives for the free slots; the last one takes only a small one. */
static void
claim_all(void)
{
	size_t	i;

	for (i = 0; i < MAKERS && !stopping; i++)
		if (makers[i] == NULL && !claim_one(&makers[i],
		    making_count() == MAKERS - 1))
			return;
}

static void
making_tick(void *arg)
{
	(void)arg;
	join_finished();
	if (stopping || !database_open())
		return;
	if (making_count() > 0)
		leases_renew();
	claim_all();
}

bool
making_start(const struct settings *s, struct loop *loop)
{
	unsigned	 threads = heavy_slots();
	char		*why;

	words_start();
	shop.settings = s;
	shop.room = (size_t)threads * PIECES_A_THREAD;
	/* The makers take no turns (base/heavy.h): `serve` has those of its
	 * node, which may be another one. They stay behind its work. */
	shop.pool = pool_new_behind(loop, threads, MAKERS * shop.room);
	if ((shop.store = store_new(s->store, &why)) == NULL) {
		log_error("event=bad_store why=\"%s\"", why);
		return (false);
	}
	shop.store->kept = s->store_reserve;
	if (shop.pool == NULL) {
		log_error("event=exports_threads");
		return (false);
	}
	shop.cache = cache_open(s->cache_dir, s->cache_mb);
	loop->every(TICK_MS, making_tick, NULL);
	return (true);
}

void
making_stop(void)
{
	size_t	i;

	stopping = true;
	for (i = 0; i < MAKERS; i++)
		if (makers[i] != NULL)
			atomic_store(&makers[i]->stop, true);
	join_finished();
}
