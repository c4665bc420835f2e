/*
 * Applies migrations/NNNN_name.sql in order, each in its own transaction, and
 * stores its name and SHA-256. Then installs the functions of this binary; see
 * schema.h. Stops if a migration was changed after it was applied.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/embedded.h"
#include "base/text.h"
#include "db/db.h"
#include "db/migrate.h"
#include "db/release.h"
#include "db/schema.h"

#define FOLDER		"migrations/"
#define CHECKSUM_SIZE	(2 * crypto_hash_sha256_BYTES + 1)
#define TABLES		"src/db/scripts/tables.sql"
/* One migrate at a time per database. The number is used nowhere else. */
#define LOCK		"select pg_advisory_lock(7357002115); " \
			"set lock_timeout = '2s'"
#define LOCK_TRIES	30	/* of a file that waits for a table's lock */
#define PAUSE_MS	1000	/* between two of them */

struct run {
	struct db	*db;
	struct db_rows	*applied;	/* name, checksum, applied_at */
	int		 done;		/* number applied by this run */
};

/* Reports an error about the file and frees why. Returns false. */
static bool
file_refuse(const char *name, char *why)
{
	fprintf(stderr, "smartrecord migrate: %s: %s\n", name, why);
	free(why);
	return (false);
}

static void
migration_checksum(const struct embedded *file, char out[CHECKSUM_SIZE])
{
	unsigned char	hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, (const unsigned char *)file->bytes,
	    file->len);
	hex_encode(hash, sizeof(hash), out);
}

/* The migration after this file (NULL: the first), or NULL. */
static const struct embedded *
file_next(const struct embedded *file)
{
	file = file == NULL ? embedded_files : file + 1;
	while (file->name != NULL &&
	    strncmp(file->name, FOLDER, strlen(FOLDER)) != 0)
		file++;
	return (file->name == NULL ? NULL : file);
}

static const char *
file_name(const struct embedded *file)
{
	return (file->name + strlen(FOLDER));
}

/* Row of the applied migration, or -1. */
static int
applied_row(const struct run *run, const char *name)
{
	int	i;

	for (i = 0; i < db_count(run->applied); i++)
		if (strcmp(db_value(run->applied, i, 0), name) == 0)
			return (i);
	return (-1);
}

/* Checks that each applied migration is in this binary and unchanged. */
static bool
history_intact(const struct run *run)
{
	const struct embedded	*file;
	const char		*name;
	char			 sum[CHECKSUM_SIZE], path[128];
	int			 i;

	for (i = 0; i < db_count(run->applied); i++) {
		name = db_value(run->applied, i, 0);
		snprintf(path, sizeof(path), FOLDER "%s", name);
		if ((file = embedded_get(path)) == NULL)
			return (file_refuse(name, strdup("was applied but is "
			    "not in this binary; use one at least as new as "
			    "the database")));
		migration_checksum(file, sum);
		if (strcmp(sum, db_value(run->applied, i, 1)) != 0)
			return (file_refuse(name, strdup("was changed after it "
			    "was applied; restore it and write a new "
			    "migration instead")));
	}
	return (true);
}

/* Checks the form of the name, and that no later migration is applied. */
static bool
file_acceptable(const struct run *run, const struct embedded *file)
{
	const char	*name = file_name(file);
	int		 last = db_count(run->applied) - 1;
	size_t		 n = strlen(name);

	if (strspn(name, "0123456789") != 4 || n < 10 ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != n - 4 ||
	    strcmp(name + n - 4, ".sql") != 0)
		return (file_refuse(name,
		    strdup("is not named NNNN_name.sql")));
	if (last >= 0 && strcmp(name, db_value(run->applied, last, 0)) < 0)
		return (file_refuse(name, strdup("comes before one that was "
		    "applied already; give it a higher number")));
	return (true);
}

static void
pause_ms(long ms)
{
	const struct timespec	t = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&t, NULL);
}

/*
 * Runs a transaction, and again while another one holds a lock that it needs:
 * waiting longer would make all requests queue up behind it. Returns false when
 * it failed; *why is then a message that the caller frees.
 */
static bool
apply_patiently(const char *name, enum result (*apply)(void *, char **),
    void *arg, char **why)
{
	enum result	result;
	int		try;

	for (try = 1;; try++) {
		if ((result = apply(arg, why)) != BUSY || try == LOCK_TRIES)
			return (result == OK);
		fprintf(stderr, "smartrecord migrate: %s: another transaction "
		    "has a lock that it needs: tries again (%d of %d)\n",
		    name, try + 1, LOCK_TRIES);
		free(*why);
		*why = NULL;
		pause_ms(PAUSE_MS);
	}
}

struct migration {
	struct db		*db;
	const struct embedded	*file;
};

static enum result
migration_run(void *arg, char **why)
{
	const struct migration	*m = arg;
	struct buf		 record = { 0 };
	char			 sum[CHECKSUM_SIZE], *ignored = NULL;
	enum result		 r;

	migration_checksum(m->file, sum);
	buf_printf(&record, "insert into migration (name, checksum) "
	    "values ('%s', '%s'); commit", file_name(m->file), sum);
	if ((r = db_script(m->db, "begin", why)) == OK &&
	    (r = db_script(m->db, m->file->bytes, why)) == OK)
		r = db_script(m->db, record.data, why);
	if (r == BUSY)
		(void)db_script(m->db, "rollback", &ignored);
	free(ignored);
	buf_dispose(&record);
	return (r);
}

static bool
migration_apply(struct run *run, const struct embedded *file)
{
	struct migration	 m = { run->db, file };
	const char		*name = file_name(file);
	char			*why = NULL;
	int64_t			 start = clock_mono_ms();

	if (!apply_patiently(name, migration_run, &m, &why))
		return (file_refuse(name, why)); /* db_close() rolls back */
	printf("%-40s applied (%lld ms)\n", name,
	    (long long)(clock_mono_ms() - start));
	fflush(stdout);
	run->done++;
	return (true);
}

struct functions {
	struct db	*db;
	const char	*name;		/* of the file that failed */
	bool		 installed;
};

static enum result
functions_run(void *arg, char **why)
{
	struct functions	*f = arg;

	return (schema_install(f->db, &f->installed, &f->name, why));
}

static bool
apply_functions(struct run *run)
{
	struct functions	 f = { .db = run->db };
	char			*why = NULL;
	int64_t			 start = clock_mono_ms();

	if (!apply_patiently(release_schema(), functions_run, &f, &why))
		return (file_refuse(f.name, why));
	if (f.installed)
		printf("%-40s applied (%lld ms)\n", release_schema(),
		    (long long)(clock_mono_ms() - start));
	return (true);
}

static bool
apply_pending(struct run *run)
{
	const struct embedded	*file = NULL;
	int			 count = 0;

	while ((file = file_next(file)) != NULL) {
		count++;
		if (applied_row(run, file_name(file)) >= 0)
			continue;
		if (!file_acceptable(run, file) || !migration_apply(run, file))
			return (false);
	}
	if (!apply_functions(run))
		return (false);
	printf("schema up to date: %d applied now, %d in all\n", run->done,
	    count);
	return (true);
}

static bool
print_status(const struct run *run)
{
	const struct embedded	*file = NULL;
	char			*why;
	int			 row, pending = 0;

	while ((file = file_next(file)) != NULL) {
		row = applied_row(run, file_name(file));
		printf("%-40s %s\n", file_name(file),
		    row < 0 ? "pending" : db_value(run->applied, row, 2));
		pending += row < 0;
	}
	why = db_problem(run->db);
	printf("%-40s %s\n", release_schema(), why != NULL ? "pending" :
	    "installed");
	pending += why != NULL;
	free(why);
	printf("%d pending\n", pending);
	return (pending == 0);
}

static bool
migrate(struct run *run, bool status)
{
	char	*why = NULL;

	if (db_script(run->db, LOCK, &why) != OK ||
	    db_script(run->db, embedded_get(TABLES)->bytes, &why) != OK)
		return (file_refuse("database", why));
	if (db_run(run->db, SQL_DB_MIGRATION_LIST, NULL, NULL, 0,
	    &run->applied) != OK)
		return (file_refuse("database", strdup("its table of "
		    "migrations can't be read")));
	if (!history_intact(run))
		return (false);
	return (status ? print_status(run) : apply_pending(run));
}

int
migrate_pending(struct db *db)
{
	const struct embedded	*file = NULL;
	struct run		 run = { .db = db };
	int			 pending = 0;

	if (db_run(db, SQL_DB_MIGRATION_LIST, NULL, NULL, 0, &run.applied) !=
	    OK)
		pending = -1;
	while (pending >= 0 && (file = file_next(file)) != NULL)
		pending += applied_row(&run, file_name(file)) < 0;
	db_rows_free(run.applied);
	return (pending);
}

int
command_migrate(const struct settings *s, int argc, char **argv)
{
	struct run	 run = { 0 };
	char		*why = NULL;
	bool		 ok, status, help;

	status = argc == 2 && strcmp(argv[1], "--status") == 0;
	if (argc > 1 && !status) {
		help = strcmp(argv[1], "--help") == 0;
		if (!help)
			fprintf(stderr, "smartrecord migrate: unknown "
			    "argument '%s'\n", argv[1]);
		fprintf(help ? stdout : stderr,
		    "usage: smartrecord migrate [--status]\n\n"
		    "Applies what is pending; --status only lists, and exits "
		    "1 when something is.\n");
		return (help ? 0 : 2);
	}
	if ((run.db = db_connect(s->database_admin, &why)) == NULL) {
		file_refuse("database", why);
		return (1);
	}
	ok = migrate(&run, status);
	db_rows_free(run.applied);
	db_close(run.db);
	return (ok ? 0 : 1);
}
