/*
 * GET /events: tells listeners of the recordings that arrive and that they may
 * see. While there are listeners, each worker sends one query every two seconds
 * for all of them: the arrivals, and which sessions still exist with which
 * rights. A stream does not extend its session; only other requests do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "recordings/arrivals.h"
#include "recordings/recordings.h"
#include "server/events.h"
#include "server/reply.h"
#include "server/server.h"

#define POLL_MS		2000
#define INSTANT_TEXT	33
#define KEY_TEXT	(24 + INSTANT_TEXT)

struct listener {
	struct listener	*next;
	struct events	*events;
	char		 session[37];
	char		 tenant[12];
	char		 account[12];
	char		*team;			/* see struct db_scope */
	char		 after[INSTANT_TEXT];	/* told of all up to it */
	bool		 queried;		/* is part of the query */
};

/* Where a listener starts, in the request's arena. */
struct listening {
	const char	*after;
	bool		 missed;
};

static struct listener	*listeners;
static bool		 querying;

static void	listener_begin(struct ctx *, struct db_rows *, void *);
static void	listener_open(struct ctx *, const char *, void *);
static void	arrivals_polled(void *, enum result, struct db_rows *);

/*
 * Sets *since to the instant from which to tell: the client's Last-Event-ID,
 * else its parameter "since", else NULL (from now on). An id of another form
 * counts as an old one. Returns false after a reply of 400.
 */
static bool
begin_after(struct ctx *c, const char **since)
{
	int64_t	 ms;

	*since = ctx_header(c, "last-event-id");
	if (*since != NULL && **since != '\0') {
		if (!clock_parse_utc(*since, &ms))
			*since = "-infinity";
		return (true);
	}
	*since = params_get(&c->query, "since");
	if (*since == NULL || **since == '\0')
		*since = NULL;
	else if (!clock_parse_utc(*since, &ms)) {
		reply_invalid(c, "since",
		    "La valeur attendue est un instant (RFC 3339).");
		return (false);
	}
	return (true);
}

void
recordings_events(struct ctx *c)
{
	const char	*params[1];

	if (begin_after(c, &params[0]))
		ask(c, SQL_RECORDINGS_EVENTS_BEGIN, params, 1, listener_begin,
		    NULL);
}

static struct listener *
listener_new(const struct ctx *c, const char *after)
{
	struct listener	*l;

	if ((l = calloc(1, sizeof(*l))) == NULL ||
	    (l->team = strdup(c->scope.team)) == NULL)
		log_fatal("event=out_of_memory");
	(void)snprintf(l->session, sizeof(l->session), "%s",
	    c->person->session_id);
	(void)snprintf(l->tenant, sizeof(l->tenant), "%s", c->scope.tenant);
	(void)snprintf(l->account, sizeof(l->account), "%s",
	    c->scope.account);
	(void)snprintf(l->after, sizeof(l->after), "%s", after);
	l->next = listeners;
	listeners = l;
	return (l);
}

static void
listener_free(void *arg)
{
	struct listener	*l = arg, **at;

	for (at = &listeners; *at != l; at = &(*at)->next)
		continue;
	*at = l->next;
	free(l->team);
	free(l);
}

static void
listener_begin(struct ctx *c, struct db_rows *rows, void *arg)
{
	struct listening	*start = arena_alloc(&c->arena, sizeof(*start));

	(void)arg;
	start->after = arena_strdup(&c->arena, db_text(rows, 0, "begin"));
	start->missed = *db_text(rows, 0, "missed") == 't';
	events_claim(c, listener_open, start);
}

static void
listener_open(struct ctx *c, const char *claim, void *arg)
{
	const struct listening	*start = arg;
	struct listener		*l = listener_new(c, start->after);

	if ((l->events = events_open(c, claim, listener_free, l)) == NULL)
		listener_free(l);
	else
		events_publish(l->events, "listening", l->after,
		    start->missed ?
		    "{\"missed\":true}" : "{\"missed\":false}");
}

/* Returns the key of a position: a tenant, and the instant told up to. */
static const char *
position_key(char key[KEY_TEXT], const char *tenant, const char *after)
{
	(void)snprintf(key, KEY_TEXT, "%s %s", tenant, after);
	return (key);
}

/* Adds the query's parameters: each position once, and all sessions. */
static void
poll_params(json_t *positions, struct buf *sessions)
{
	struct listener	*l;
	json_t		*seen = json_object();
	char		 key[KEY_TEXT];

	for (l = listeners; l != NULL; l = l->next) {
		buf_printf(sessions, "%c%s", sessions->len == 0 ? '{' : ',',
		    l->session);
		l->queried = true;
		position_key(key, l->tenant, l->after);
		if (json_object_get(seen, key) != NULL)
			continue;
		json_object_set_new(seen, key, json_true());
		json_array_append_new(positions, json_pack("{s:s, s:s}",
		    "tenant", l->tenant, "after", l->after));
	}
	buf_putc(sessions, '}');
	json_decref(seen);
}

static void
arrivals_poll(void *arg)
{
	static const struct db_scope	 nobody;
	const char			*params[2];
	struct buf			 sessions = { NULL, 0, 0 };
	json_t				*positions;
	char				*text;

	(void)arg;
	if (listeners == NULL || querying)
		return;
	positions = json_array();
	poll_params(positions, &sessions);
	params[0] = text = json_dumps(positions, JSON_COMPACT);
	params[1] = sessions.data;
	querying = true;
	(void)db_send(SQL_RECORDINGS_EVENTS, &nobody, params, 2,
	    arrivals_polled, NULL);
	free(text);
	buf_dispose(&sessions);
	json_decref(positions);
}

/* Returns the positions of the query's result by their keys. */
static json_t *
positions_read(const char *text)
{
	json_t		*list, *one, *positions = json_object();
	char		 key[KEY_TEXT], tenant[12];
	size_t		 i;

	list = json_loads(text, 0, NULL);
	for (i = 0; i < json_array_size(list); i++) {
		one = json_array_get(list, i);
		(void)snprintf(tenant, sizeof(tenant), "%lld", (long long)
		    json_integer_value(json_object_get(one, "tenant")));
		json_object_set(positions, position_key(key, tenant,
		    json_string_value(json_object_get(one, "after"))), one);
	}
	json_decref(list);
	return (positions);
}

/* Returns true when the session exists, with the rights that it began with. */
static bool
entitled(const struct listener *l, const json_t *sessions)
{
	const char	*sites;

	sites = json_string_value(json_object_get(sessions, l->session));
	return (sites != NULL &&
	    (*l->team == '\0' || strcmp(sites, l->team) == 0));
}

/* Publishes what arrived since; the listener may be freed afterwards. */
static void
listener_tell(struct listener *l, const json_t *position)
{
	json_t	*data;
	char	*text;

	(void)snprintf(l->after, sizeof(l->after), "%s",
	    json_string_value(json_object_get(position, "as_of")));
	data = arrivals_of(json_object_get(position, "groups"), l->team,
	    l->account);
	if (data == NULL)
		return;
	text = json_dumps(data, JSON_COMPACT);
	events_publish(l->events, "recordings", l->after, text);
	free(text);
	json_decref(data);
}

static void
listeners_tell(const json_t *positions, const json_t *sessions)
{
	struct listener	*l, *next;
	const json_t	*position;
	char		 key[KEY_TEXT];

	for (l = listeners; l != NULL; l = next) {
		next = l->next;
		if (!l->queried)
			continue;	/* opened while the query was running */
		if (!entitled(l, sessions)) {
			events_end(l->events);
			continue;
		}
		position = json_object_get(positions,
		    position_key(key, l->tenant, l->after));
		if (position != NULL)
			listener_tell(l, position);
	}
}

/* A failed query loses nothing: the next one asks from the same instants. */
static void
arrivals_polled(void *owner, enum result result, struct db_rows *rows)
{
	json_t	*positions, *sessions;

	(void)owner;
	querying = false;
	if (result != OK)
		return;
	positions = positions_read(db_text(rows, 0, "positions"));
	sessions = json_loads(db_text(rows, 0, "sessions"), 0, NULL);
	listeners_tell(positions, sessions);
	json_decref(positions);
	json_decref(sessions);
}

void
recordings_events_start(void)
{
	server_loop()->every(POLL_MS, arrivals_poll, NULL);
}
