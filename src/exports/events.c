/*
 * GET /exports/{id}/events: tells the progress of an archive until it has
 * ended. Sends one query twice a second for each followed archive, in the
 * follower's scope. A stream does not extend its session.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "exports/exports.h"
#include "server/events.h"
#include "server/reply.h"
#include "server/server.h"

#define TICK_MS	500
#define ENDED	"ended"		/* id of the last event */

struct follower {
	struct follower	*next;
	struct events	*events;
	struct arena	 arena;		/* of the texts below */
	struct db_scope	 scope;
	const char	*id, *session;
	char		*told;		/* malloc'd: the last event, or NULL */
	struct db_ask	*asked;		/* the running query, or NULL */
	bool		 over;		/* the last event was told */
};

/* An export to follow, in the request's arena. */
struct following {
	const char	*json;
	bool		 active;
};

static struct follower	*followers;

static struct follower *
follower_new(const struct ctx *c)
{
	struct follower	*f;
	struct arena	*a;

	if ((f = calloc(1, sizeof(*f))) == NULL)
		log_fatal("event=out_of_memory");
	a = &f->arena;
	f->scope.tenant = arena_strdup(a, c->scope.tenant);
	f->scope.account = arena_strdup(a, c->scope.account);
	f->scope.person = arena_strdup(a, c->scope.person);
	f->scope.team = arena_strdup(a, c->scope.team);
	f->scope.key = c->scope.key;
	f->id = arena_strdup(a, c->id);
	f->session = arena_strdup(a, c->person->session_id);
	f->next = followers;
	followers = f;
	return (f);
}

static void
follower_free(void *arg)
{
	struct follower	*f = arg, **at;

	for (at = &followers; *at != f; at = &(*at)->next)
		continue;
	*at = f->next;
	if (f->asked != NULL)
		db_abandon(f->asked);
	free(f->told);
	arena_dispose(&f->arena);
	free(f);
}

/* Publishes the export if it has changed; f may be freed afterwards. */
static void
follower_tell(struct follower *f, const char *json, bool active)
{
	f->over = !active;
	if (f->told != NULL && strcmp(f->told, json) == 0)
		return;
	free(f->told);
	if ((f->told = strdup(json)) == NULL)
		log_fatal("event=out_of_memory");
	events_publish(f->events, "export", active ? NULL : ENDED, json);
}

/* A failed query is sent again at the next tick. */
static void
follower_polled(void *owner, enum result result, struct db_rows *rows)
{
	struct follower	*f = owner;

	f->asked = NULL;
	if (result == OK && db_count(rows) == 0)
		f->over = true;
	else if (result == OK)
		follower_tell(f, db_text(rows, 0, "export"),
		    *db_text(rows, 0, "active") == 't');
}

static void
followers_tick(void *arg)
{
	struct follower	*f, *next;
	const char	*params[2];
	struct db_ask	*asked;

	(void)arg;
	for (f = followers; f != NULL; f = next) {
		next = f->next;
		if (f->over)
			events_end(f->events);
		else if (f->asked == NULL) {
			params[0] = f->id;
			params[1] = f->session;
			asked = db_send(SQL_EXPORTS_EVENTS, &f->scope, params,
			    2, follower_polled, f);
			if (asked != NULL)
				f->asked = asked;
		}
	}
}

void
exports_events_start(void)
{
	server_loop()->every(TICK_MS, followers_tick, NULL);
}

static void
follower_open(struct ctx *c, const char *claim, void *arg)
{
	const struct following	*start = arg;
	struct follower		*f = follower_new(c);

	if ((f->events = events_open(c, claim, follower_free, f)) == NULL)
		follower_free(f);
	else
		follower_tell(f, start->json, start->active);
}

static void
follower_begin(struct ctx *c, struct db_rows *rows, void *arg)
{
	struct following	*start;

	(void)arg;
	if (db_count(rows) == 0) {
		reply_result(c, NOT_FOUND);
		return;
	}
	start = arena_alloc(&c->arena, sizeof(*start));
	start->json = arena_strdup(&c->arena, db_text(rows, 0, "export"));
	start->active = *db_text(rows, 0, "active") == 't';
	events_claim(c, follower_open, start);
}

void
export_events(struct ctx *c)
{
	const char	*params[2] = { c->id, c->person->session_id };
	const char	*last = ctx_header(c, "last-event-id");

	if (!uuid_valid(c->id))
		reply_result(c, NOT_FOUND);
	else if (last != NULL && strcmp(last, ENDED) == 0)
		reply_empty(c);	/* 204 stops the browser's reconnects */
	else
		ask(c, SQL_EXPORTS_EVENTS, params, 2, follower_begin, NULL);
}
