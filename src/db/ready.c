/* Whether the database can be used; see db.h. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "db/db.h"
#include "db/refusal.h"
#include "db/release.h"

#define TICK_MS		100
#define ASK_MS		3000	/* while all is well; else each tick */

static struct {
	const char	*problem;	/* NULL: none */
	bool		 asking;
	bool		 failed;	/* the last query, while connected */
	int64_t		 next;		/* monotonic ms */
} ready = { .problem = "database" };

/* --- before a process stays ---------------------------------------------- */

/* Checks that the user has the rights of the role, and the role those on the
 * schema. */
static bool
role_fits(struct db *db, const char *role, char **why)
{
	const char	*params[2] = { role, release_schema() };
	struct db_rows	*rows;
	struct buf	 b = { 0 };

	/* a lost connection is not wrong */
	if (db_run(db, SQL_DB_ROLE_HAS, NULL, params, 2, &rows) != OK)
		;
	else if (strcmp(db_text(rows, 0, "has"), "t") != 0)
		buf_printf(&b, "the database's user %s does not have the "
		    "rights of the role %s: connect as that role, or grant it",
		    db_text(rows, 0, "name"), role);
	else if (strcmp(db_text(rows, 0, "usable"), "t") != 0)
		buf_printf(&b, "the database's user %s may not use the schema "
		    "%s: grant usage on it to %s", db_text(rows, 0, "name"),
		    release_schema(), role);
	db_rows_free(rows);
	*why = b.data;
	return (b.data == NULL);
}

bool
db_fits(const char *conninfo, const char *role, char **why)
{
	struct db	*db;
	char		*away = NULL;
	bool		 ok;

	if ((db = db_connect(conninfo, &away)) == NULL) {
		ok = !refusal_final(conninfo, why);
		if (ok)
			log_warn("event=db_down why=\"%s\"", away);
		free(away);
		return (ok);
	}
	*why = db_problem(db);
	ok = *why == NULL && role_fits(db, role, why);
	db_close(db);
	return (ok);
}

/* --- while it runs ------------------------------------------------------- */

static void
ready_answered(void *owner, enum result result, struct db_rows *rows)
{
	const char	*before = ready.problem;

	(void)owner;
	ready.asking = false;
	/* Many requests, or a query that waited in vain for one of the busy
	 * connections: nothing new is known. */
	if (result == BUSY || (result != OK && db_up() && !ready.failed)) {
		ready.failed = result != BUSY;
		return;
	}
	ready.failed = false;
	if (result != OK)
		ready.problem = "database";
	else
		ready.problem = strcmp(db_text(rows, 0, "usable"), "t") == 0 ?
		    NULL : "schema";
	ready.next = clock_mono_ms() + (ready.problem == NULL ? ASK_MS : 0);
	if (ready.problem != before && ready.problem != NULL)
		log_warn("event=unready what=%s", ready.problem);
}

static void
ready_tick(void *arg)
{
	const char	*params[1] = { release_schema() };

	(void)arg;
	if (!db_up())
		ready.next = 0;
	if (ready.asking || !db_up() || clock_mono_ms() < ready.next)
		return;
	ready.asking = true;
	(void)db_send(SQL_DB_RELEASE_FIND, NULL, params, 1, ready_answered,
	    NULL);
}

void
db_ready_start(struct loop *loop)
{
	loop->every(TICK_MS, ready_tick, NULL);
}

const char *
db_unready(void)
{
	return (db_up() ? ready.problem : "database");
}
