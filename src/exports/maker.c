/*
 * Makes one archive, from its claim to its object in the store. A maker killed
 * at any point leaves a file, which making_sweep() removes, or an object, which
 * store_removal lists until the archive is ready. Its lease then ends and
 * another worker begins the archive again.
 */
#include <sys/statvfs.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "exports/feed.h"
#include "exports/plan.h"

#define PLAN_BATCH	"200"
#define KEY_TEXT	(STORE_KEY_MAX + 1)
#define SPARE		(INT64_C(1) << 20)	/* bytes left on the disk */

/*
 * How making ended. AGAIN: another attempt at once; LATER: another attempt
 * after a pause; NO_RIGHT, NO_ROOM (disk), NOTHING (no calls), PERSON_FULL and
 * TENANT_FULL (too many bytes of archives): failed for good.
 */
enum end {
	READY, AGAIN, LATER, NO_RIGHT, NO_ROOM, NOTHING, PERSON_FULL,
	TENANT_FULL
};

struct making {
	struct maker	*m;
	struct db	*db;
	struct db_scope	 scope;
	struct plan	 plan;
	char		*path;		/* of the file, or NULL */
	int		 fd;		/* of the file, or -1 */
	char		 key[KEY_TEXT];	/* of the object */
	int64_t		 bytes;		/* of the whole archive */
	bool		 beside;	/* export_dir is on the store's disk */
	bool		 crowded;	/* stopped for want of room */
};

static enum end
end_of(const struct making *k, enum result r)
{
	if (atomic_load(&k->m->stop))
		return (AGAIN);
	/* CONFLICT: a call was deleted; the next attempt leaves it out */
	return (r == CONFLICT ? AGAIN : LATER);
}

static enum result
making_query(struct making *k, enum sql sql, const char *const *params, int n,
    struct db_rows **rows)
{
	return (db_run(k->db, sql, &k->scope, params, n, rows));
}

/* --- which calls ---------------------------------------------------------- */

static enum end
fix_calls(struct making *k)
{
	const char	*params[2] = { k->m->id, k->m->worker };
	struct db_rows	*rows;
	enum result	 r;
	enum end	 end = READY;

	r = making_query(k, SQL_EXPORTS_RUN_BEGIN, params, 2, &rows);
	if (r != OK)
		end = LATER;
	else if (db_count(rows) == 0 || db_value(rows, 0, 0) == NULL)
		end = AGAIN;	/* another worker has the lease */
	else if (strcmp(db_value(rows, 0, 0), "0") == 0)
		end = NOTHING;
	db_rows_free(rows);
	return (end);
}

/* Adds the next calls to the plan; returns their number, or -1 with *r. */
static int
plan_batch(struct making *k, char last[ID_TEXT], enum result *r)
{
	const char	*params[4] = { k->m->id, last[0] == '\0' ? NULL : last,
			    PLAN_BATCH, "false" };
	struct db_rows	*rows;
	int		 i, n;

	*r = making_query(k, SQL_EXPORTS_RUN_CALLS, params, 4, &rows);
	n = *r == OK ? db_count(rows) : -1;
	for (i = 0; i < n && *r == OK; i++)
		*r = plan_add(&k->plan, rows, i);
	if (n > 0)
		(void)snprintf(last, ID_TEXT, "%s",
		    db_text(rows, n - 1, "id"));
	db_rows_free(rows);
	return (*r == OK ? n : -1);
}

static enum end
plan_calls(struct making *k)
{
	char		 last[ID_TEXT] = "";
	enum result	 r = OK;
	int		 n;

	do
		n = plan_batch(k, last, &r);
	while (n > 0 && !atomic_load(&k->m->stop));
	plan_end(&k->plan);
	if (n != 0)
		return (end_of(k, r));
	return (k->plan.count == 0 ? NOTHING : READY);
}

/* --- the file ------------------------------------------------------------- */

static enum end
no_room(const struct making *k, const char *event, const char *what)
{
	char	problem[DISK_PROBLEM];

	log_error("event=%s export=%s why=\"%s\"", event, k->m->id,
	    disk_problem(what, ENOSPC, problem));
	return (NO_ROOM);
}

/* Returns whether the store has room for the archive, of which the share done
 * is written, beyond the share of its disk that is kept for recordings. */
static bool
store_has_room(const struct making *k, double done)
{
	const struct store	*store = k->m->shop->store;
	int64_t			 left = k->plan.bytes;

	if (k->beside)
		left -= (int64_t)((double)left * done);
	return (store->room(store) >= left);
}

/* Announces the bytes. The answer says whose archives would be too many. */
static enum end
announce_bytes(struct making *k)
{
	const struct settings	*s = k->m->shop->settings;
	char			 bytes[24], person[24], tenant[24];
	const char		*params[5] = { k->m->id, k->m->worker, bytes,
				    person, tenant };
	const char		*full;
	struct db_rows		*rows;
	enum end		 end = LATER;

	(void)snprintf(bytes, sizeof(bytes), "%lld",
	    (long long)k->plan.bytes);
	(void)snprintf(person, sizeof(person), "%lld",
	    (long long)s->export_person_mb * 1000000);
	(void)snprintf(tenant, sizeof(tenant), "%lld",
	    (long long)s->export_tenant_mb * 1000000);
	if (making_query(k, SQL_EXPORTS_RUN_EXPECT, params, 5, &rows) == OK) {
		full = db_count(rows) > 0 ? db_value(rows, 0, 0) : NULL;
		if (full == NULL)
			end = READY;
		else
			end = strcmp(full, "person_full") == 0 ? PERSON_FULL :
			    TENANT_FULL;
	}
	db_rows_free(rows);
	return (end);
}

static enum end
expect_bytes(struct making *k)
{
	const struct workshop	*shop = k->m->shop;
	struct statvfs		 disk;
	char			 problem[DISK_PROBLEM];
	enum end		 end;

	if ((end = announce_bytes(k)) != READY)
		return (end);
	k->beside = shop->store->beside(shop->store,
	    shop->settings->export_dir);
	if (!store_has_room(k, 0))
		return (no_room(k, "export_store", "the store"));
	if (statvfs(k->m->shop->settings->export_dir, &disk) == 0 &&
	    (int64_t)(disk.f_bavail * disk.f_frsize) <
	    k->plan.bytes + SPARE) {
		log_error("event=export_dir export=%s why=\"%s\"", k->m->id,
		    disk_problem("export_dir", ENOSPC, problem));
		return (NO_ROOM);
	}
	return (READY);
}

static bool
maker_going(void *arg, double done)
{
	struct making	*k = arg;

	k->crowded = k->crowded || !store_has_room(k, done);
	return (!k->crowded && !atomic_load(&k->m->stop));
}

static enum end
write_entries(struct making *k)
{
	struct feed	*f;
	enum result	 r, why;
	char		 problem[DISK_PROBLEM];
	int		 error;

	f = feed_new(&k->plan, k->m, k->db, &k->scope);
	r = archive_write(k->fd, k->plan.entries, k->plan.entry_count,
	    maker_going, k);
	error = errno;
	why = feed_result(f);
	feed_free(f);
	if (r == OK && (k->bytes = lseek(k->fd, 0, SEEK_END)) > 0)
		return (READY);
	if (k->crowded)
		return (no_room(k, "export_store", "the store"));
	if (r == UNAVAILABLE) {
		log_error("event=export_dir export=%s why=\"%s\"", k->m->id,
		    disk_problem("export_dir", error, problem));
		return (NO_ROOM);
	}
	log_warn("event=export_unfinished export=%s result=%d why=%d",
	    k->m->id, r, why);
	return (end_of(k, why));
}

static enum end
write_file(struct making *k)
{
	char	problem[DISK_PROBLEM];

	k->fd = part_open(k->m->shop->settings->export_dir, k->m->worker,
	    &k->path);
	if (k->fd == -1) {
		log_error("event=export_dir dir=%s why=\"%s\"",
		    k->m->shop->settings->export_dir,
		    disk_problem("export_dir", errno, problem));
		return (LATER);
	}
	return (write_entries(k));
}

/* --- the store ------------------------------------------------------------ */

/* Lists the object in store_removal until declare_ready(). */
static enum end
condemn(struct making *k)
{
	const char	*params[3] = { k->m->id, k->m->worker, k->key };
	struct db_rows	*rows;
	enum result	 r;
	bool		 ours;

	(void)snprintf(k->key, sizeof(k->key), "%s/exports/%s-%.8s.zip",
	    k->m->tenant_key, k->m->id, k->m->worker);
	r = making_query(k, SQL_EXPORTS_RUN_STORE, params, 3, &rows);
	ours = r == OK && strcmp(db_value(rows, 0, 0), "t") == 0;
	db_rows_free(rows);
	if (r != OK)
		return (LATER);
	return (ours ? READY : AGAIN);
}

static enum end
to_store(struct making *k)
{
	const struct store	*store = k->m->shop->store;
	char			 problem[DISK_PROBLEM];
	enum end		 end;
	enum result		 r;

	if ((end = condemn(k)) != READY)
		return (end);
	if ((r = store->take(store, k->key, k->path)) == OK)
		return (READY);
	log_error("event=export_store export=%s result=%d why=\"%s\"",
	    k->m->id, r, store_problem(problem));
	return (r == UNAVAILABLE && store_error() == ENOSPC ? NO_ROOM : LATER);
}

static enum end
declare_ready(struct making *k)
{
	char		 bytes[24];
	char		*left_out = json_dumps(k->plan.left_out, JSON_COMPACT);
	char		*absent = json_dumps(k->plan.absent, JSON_COMPACT);
	const char	*params[6] = { k->m->id, k->m->worker, k->key, bytes,
			    left_out, absent };
	struct db_rows	*rows;
	enum result	 r;
	bool		 ready;

	(void)snprintf(bytes, sizeof(bytes), "%lld", (long long)k->bytes);
	r = making_query(k, SQL_EXPORTS_RUN_READY, params, 6, &rows);
	ready = r == OK && strcmp(db_value(rows, 0, 0), "t") == 0;
	db_rows_free(rows);
	free(left_out);
	free(absent);
	if (r != OK)
		return (LATER);
	return (ready ? READY : AGAIN);
}

/* --- from beginning to end ---------------------------------------------- */

static enum end
maker_make(struct making *k)
{
	static enum end	(*const steps[])(struct making *) = {
		fix_calls, plan_calls, expect_bytes, write_file, to_store,
		declare_ready
	};
	enum end	 end;
	size_t		 i;

	if (k->m->team == NULL)
		return (NO_RIGHT);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if ((end = steps[i](k)) != READY)
			return (end);
	return (READY);
}

static void
release_lease(struct making *k, enum end end)
{
	static const char *const reasons[] = {
		[NO_RIGHT] = "rights", [NO_ROOM] = "disk",
		[NOTHING] = "empty", [PERSON_FULL] = "person_full",
		[TENANT_FULL] = "tenant_full"
	};
	char		*left_out = json_dumps(k->plan.left_out, JSON_COMPACT);
	const char	*params[5] = { k->m->id, k->m->worker, NULL,
			    end == AGAIN ? "true" : "false", left_out };
	struct db_rows	*rows;

	if (end >= NO_RIGHT)
		params[2] = reasons[end];
	(void)making_query(k, SQL_EXPORTS_RUN_RELEASE, params, 5, &rows);
	db_rows_free(rows);
	free(left_out);
}

static void
close_file(struct making *k)
{
	if (k->path != NULL)
		(void)unlink(k->path);
	if (k->fd != -1)
		(void)close(k->fd);
	free(k->path);
}

static void
maker_work(struct making *k)
{
	static const char *const words[] = { "ready", "again", "later",
	    "rights", "disk", "empty", "full", "full" };
	enum end	 end;

	plan_init(&k->plan, k->m);
	end = maker_make(k);
	if (end != READY)
		release_lease(k, end);
	log_info("event=export_%s export=%s tenant=%s calls=%zu bytes=%lld",
	    words[end], k->m->id, k->m->tenant, k->plan.count,
	    (long long)k->bytes);
	close_file(k);
	plan_dispose(&k->plan);
}

void *
maker_run(void *arg)
{
	struct making	 k = { .m = arg, .fd = -1 };
	char		*why = NULL;

	k.scope.tenant = k.m->tenant;
	k.scope.account = k.m->account;
	k.scope.person = k.m->person;
	k.scope.team = k.m->team;
	/* without a database its lease runs out */
	k.db = db_open(k.m->shop->settings->database_jobs, &why);
	if (k.db != NULL) {
		maker_work(&k);
		db_close(k.db);
	} else
		log_warn("event=export_database why=\"%s\"", why);
	free(why);
	atomic_store(&k.m->over, true);
	return (NULL);
}
