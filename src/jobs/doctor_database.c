/* The database's part of `smartrecord doctor`; see doctor_checks.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "db/db.h"
#include "db/migrate.h"
#include "db/release.h"
#include "jobs/doctor_checks.h"

#define CLOCK_WARNING_MS	2000
#define CLOCK_FAULT_MS		60000
#define ROUND_S			300	/* jobs works each minute */
#define SEAL_S			120	/* … and seals every five seconds */
#define EXPIRED_S		600

/* A connection of the settings. */
struct link {
	const char	*setting;	/* name, for the lines */
	const char	*conninfo;
	const char	*role;		/* whose rights the user needs */
	bool		 functions;	/* uses those of this release */
};

static bool
is_true(const struct db_rows *rows, const char *column)
{
	const char	*value = db_text(rows, 0, column);

	return (value != NULL && strcmp(value, "t") == 0);
}

static int64_t
number_of(const struct db_rows *rows, const char *column)
{
	const char	*value = db_text(rows, 0, column);

	return (value == NULL ? 0 : strtoll(value, NULL, 10));
}

/* What the user of serve, jobs or ingest can do. */
static void
say_rights(struct doctor *d, const struct link *l, const struct db_rows *rows)
{
	const char	*name = db_text(rows, 0, "name");
	bool		 fault = true;

	if (!is_true(rows, "has"))
		doctor_say(d, HEALTH_FAULT, l->setting, "Connect as that role, "
		    "or grant it", "%s does not have the rights of the role "
		    "%s", name, l->role);
	else if (is_true(rows, "unbound"))
		doctor_say(d, HEALTH_FAULT, l->setting, "Take superuser and "
		    "bypassrls from it: alter role … nosuperuser nobypassrls",
		    "row-level security does not bind %s", name);
	else if (number_of(rows, "owned") > 0)
		doctor_say(d, HEALTH_FAULT, l->setting, "Run migrate as "
		    "another user, who owns them", "%s owns %" PRId64 " tables",
		    name, number_of(rows, "owned"));
	else if (is_true(rows, "too_much") || is_true(rows, "creates"))
		doctor_say(d, HEALTH_FAULT, l->setting, "Revoke the roles that "
		    "own tables or read everything, createrole and createdb",
		    "%s has rights that this process does not need", name);
	else if (l->functions && !is_true(rows, "usable"))
		doctor_say(d, HEALTH_FAULT, l->setting, "Run smartrecord "
		    "migrate of this release", "%s can't use the functions of "
		    "this release, %s", name, release_schema());
	else
		fault = false;
	if (!fault)
		doctor_say(d, HEALTH_OK, l->setting, "", "%s has the rights of "
		    "%s and no more", name, l->role);
	if (is_true(rows, "large_objects"))
		doctor_say(d, HEALTH_WARNING, l->setting, "Revoke it as a "
		    "superuser, see PostgreSQL in smartrecord-operation(7)",
		    "%s may make large objects and fill the disk with them",
		    name);
}

static void
say_connection(struct doctor *d, const struct link *l,
    const struct db_rows *rows, int64_t before, int64_t after)
{
	int64_t	off = number_of(rows, "ms") - (before + after) / 2;
	int64_t	size = off < 0 ? -off : off;

	if (is_true(rows, "local") || is_true(rows, "tls"))
		doctor_say(d, HEALTH_OK, l->setting, "", "connected %s",
		    is_true(rows, "tls") ? "over TLS" : "by a local socket");
	else
		doctor_say(d, HEALTH_FAULT, l->setting, "Add "
		    "sslmode=verify-full and sslrootcert to it", "connected "
		    "over TCP without TLS");
	if (db_text(rows, 0, "version") != NULL &&
	    number_of(rows, "version") < 15)
		doctor_say(d, HEALTH_FAULT, l->setting, "Use PostgreSQL 15",
		    "PostgreSQL %s", db_text(rows, 0, "version"));
	doctor_say(d, size > CLOCK_FAULT_MS ? HEALTH_FAULT :
	    size > CLOCK_WARNING_MS ? HEALTH_WARNING : HEALTH_OK, "clock",
	    "Let NTP set the clocks of both machines", "the database's clock "
	    "is %.1f s %s this machine's", (double)size / 1000,
	    off < 0 ? "behind" : "ahead of");
}

/* Statements carry their values as parameters, which these settings log. */
static void
say_leaks(struct doctor *d, const struct db_rows *rows)
{
	const char	*statements = db_text(rows, 0, "log_statement");
	bool		 all, some, logged, on_error;

	all = strcmp(statements, "all") == 0 || strcmp(statements, "mod") == 0;
	some = strcmp(db_text(rows, 0, "log_min_duration_statement"), "-1") !=
	    0 || strcmp(db_text(rows, 0, "log_min_duration_sample"), "-1") != 0;
	logged = strcmp(db_text(rows, 0, "log_parameter_max_length"), "0") !=
	    0;
	on_error = strcmp(db_text(rows, 0,
	    "log_parameter_max_length_on_error"), "0") != 0;
	if ((all || some) && logged)
		doctor_say(d, HEALTH_FAULT, "postgresql.conf", "Set "
		    "log_parameter_max_length = 0", "%s writes numbers, names "
		    "and searched words into PostgreSQL's log", all ?
		    "log_statement" : "log_min_duration_statement");
	if (on_error)
		doctor_say(d, HEALTH_FAULT, "postgresql.conf", "Set "
		    "log_parameter_max_length_on_error = 0", "a statement that "
		    "fails writes its values into PostgreSQL's log");
	if (!((all || some) && logged) && !on_error)
		doctor_say(d, HEALTH_OK, "postgresql.conf", "", "PostgreSQL's "
		    "log gets no values of statements");
	if (is_true(rows, "sees_queries"))
		doctor_say(d, HEALTH_WARNING, "pg_stat_activity", "Revoke "
		    "pg_monitor and pg_read_all_stats from it", "%s sees the "
		    "statements of others", db_text(rows, 0, "name"));
}

/* Connects; says it and returns NULL when that fails. */
static struct db *
link_open(struct doctor *d, const struct link *l)
{
	struct db	*db;
	char		*why = NULL;

	if ((db = db_connect(l->conninfo, &why)) == NULL)
		doctor_say(d, HEALTH_FAULT, l->setting, "Correct the setting, "
		    "pg_hba.conf or the network", "%s", why);
	free(why);
	return (db);
}

static void
say_link(struct doctor *d, const struct link *l, bool leaks)
{
	const char	*params[2] = { l->role, l->functions ?
			    release_schema() : NULL };
	struct db_rows	*rows;
	struct db	*db;
	int64_t		 before;

	if ((db = link_open(d, l)) == NULL)
		return;
	before = clock_now_ms();
	if (db_run(db, SQL_JOBS_DOCTOR_CONNECTION, NULL, params, 2, &rows) ==
	    OK) {
		say_connection(d, l, rows, before, clock_now_ms());
		say_rights(d, l, rows);
		if (leaks)
			say_leaks(d, rows);
	} else
		doctor_say(d, HEALTH_FAULT, l->setting, "See the log of "
		    "PostgreSQL", "the catalogue can't be read");
	db_rows_free(rows);
	db_close(db);
}

/* --- as database_admin --------------------------------------------------- */

static void
say_schema(struct doctor *d, struct db *db)
{
	char	*why = db_problem(db);
	int	 pending = migrate_pending(db);

	if (pending > 0)
		doctor_say(d, HEALTH_FAULT, "schema", "Run smartrecord migrate",
		    "%d migrations are pending", pending);
	if (why != NULL)
		doctor_say(d, HEALTH_FAULT, "schema", "Run smartrecord migrate",
		    "%s", why);
	if (pending <= 0 && why == NULL)
		doctor_say(d, HEALTH_OK, "schema", "", "it has the functions "
		    "of this release, %s", release_schema());
	free(why);
}

static void
say_work(struct doctor *d, const struct db_rows *rows)
{
	int64_t	age = number_of(rows, "round_s"), late, seal;

	late = number_of(rows, "expired_s");
	seal = number_of(rows, "unsealed_s");
	if (age < 0)
		doctor_say(d, HEALTH_FAULT, "jobs", "Start smartrecord jobs",
		    "it has never run");
	else
		doctor_say(d, age > ROUND_S ? HEALTH_FAULT : HEALTH_OK, "jobs",
		    "Start smartrecord jobs, or see its log for "
		    "event=purge_stopped", "its last round was %" PRId64 " s "
		    "ago", age);
	doctor_say(d, late > EXPIRED_S ? HEALTH_FAULT : HEALTH_OK, "retention",
	    "Start smartrecord jobs, or see its log for event=purge_stopped",
	    "%s recordings have expired and are still there, the oldest for "
	    "%" PRId64 " s", db_text(rows, 0, "expired"), late);
	doctor_say(d, seal > SEAL_S ? HEALTH_FAULT : HEALTH_OK, "access log",
	    "Start smartrecord jobs", "the oldest row without a seal is "
	    "%" PRId64 " s old", seal);
}

static void
say_roles(struct doctor *d, const struct db_rows *rows)
{
	if (db_text(rows, 0, "mighty") != NULL)
		doctor_say(d, HEALTH_FAULT, "roles", "alter role … nosuperuser "
		    "nobypassrls nocreaterole", "more than the service needs "
		    "is allowed to %s", db_text(rows, 0, "mighty"));
	if (db_text(rows, 0, "watchers") != NULL)
		doctor_say(d, HEALTH_WARNING, "pg_stat_activity", "Revoke "
		    "pg_monitor and pg_read_all_stats from those who need not "
		    "see statements", "statements of the service are seen by "
		    "%s", db_text(rows, 0, "watchers"));
}

static void
say_admin(struct doctor *d)
{
	const struct link	 l = { "database_admin",
				    d->settings->database_admin, NULL, false };
	struct db_rows		*rows;
	struct db		*db;

	if ((db = link_open(d, &l)) == NULL)
		return;
	say_schema(d, db);
	if (db_run(db, SQL_JOBS_DOCTOR_STATE, NULL, NULL, 0, &rows) == OK) {
		say_work(d, rows);
		say_roles(d, rows);
	} else
		doctor_say(d, HEALTH_FAULT, "database_admin", "Run smartrecord "
		    "migrate, or connect as the role that ran it", "the tables "
		    "can't be read");
	db_rows_free(rows);
	db_close(db);
}

void
doctor_database(struct doctor *d)
{
	const struct settings	*s = d->settings;
	const struct link	 app = { "database", s->database, ROLE_APP,
				    true };
	const struct link	 jobs = { "database_jobs", s->database_jobs,
				    ROLE_JOBS, true };
	const struct link	 pipeline = { "database_pipeline",
				    s->database_pipeline, "pipeline", false };

	if (d->serve)
		say_link(d, &app, true);
	if (d->jobs)
		say_link(d, &jobs, !d->serve);
	if (d->ingest)
		say_link(d, &pipeline, !d->serve && !d->jobs);
	if (d->admin)
		say_admin(d);
}
