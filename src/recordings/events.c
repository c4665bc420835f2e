/*
 * GET /events: recordings that arrive, told to those who may see them. While
 * somebody listens, one question every two seconds asks for all of them: what
 * has come, and whose sessions and rights are still what they were. Listening
 * is no use of a session: it lives as long as other requests keep it alive.
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

/* Columns of events_begin.sql and events.sql. */
enum { BEGIN, MISSED };
enum { PLACES, SESSIONS };

struct listener {
	struct listener	*next;
	struct events	*events;
	char		 session[37];
	char		 tenant[12];
	char		 account[12];
	char		*team;			/* see struct db_scope */
	char		 after[INSTANT_TEXT];	/* has heard all up to it */
	bool		 asked;			/* is in the question */
};

static struct listener	*listeners;
static bool		 asking;

static void	begin(struct ctx *, enum result, struct db_rows *);
static void	polled(void *, enum result, struct db_rows *);

/* Where to go on from: what the client heard last, else what it asks for,
 * else NULL. An id that isn't ours: from long ago. false: replied. */
static bool
where_from(struct ctx *c, const char **since)
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

	if (where_from(c, &params[0]))
		ask(c, SQL_RECORDINGS_EVENTS_BEGIN, params, 1, begin);
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
begin(struct ctx *c, enum result result, struct db_rows *rows)
{
	struct listener	*l = listener_new(c, db_value(rows, 0, BEGIN));
	bool		 missed = *db_value(rows, 0, MISSED) == 't';

	(void)result;
	if ((l->events = events_open(c, listener_free, l)) == NULL)
		listener_free(l);
	else
		events_publish(l->events, "listening", l->after,
		    missed ? "{\"missed\":true}" : "{\"missed\":false}");
}

/* Names a place: a customer, and up to when all was told. */
static const char *
place_key(char key[KEY_TEXT], const char *tenant, const char *after)
{
	(void)snprintf(key, KEY_TEXT, "%s %s", tenant, after);
	return (key);
}

/* The question's parameters: each place once, all the sessions. */
static void
poll_params(json_t *places, struct buf *sessions)
{
	struct listener	*l;
	json_t		*seen = json_object();
	char		 key[KEY_TEXT];

	for (l = listeners; l != NULL; l = l->next) {
		buf_printf(sessions, "%c%s", sessions->len == 0 ? '{' : ',',
		    l->session);
		l->asked = true;
		place_key(key, l->tenant, l->after);
		if (json_object_get(seen, key) != NULL)
			continue;
		json_object_set_new(seen, key, json_true());
		json_array_append_new(places, json_pack("{s:s, s:s}",
		    "tenant", l->tenant, "after", l->after));
	}
	buf_putc(sessions, '}');
	json_decref(seen);
}

static void
poll(void *arg)
{
	static const struct db_scope	 nobody;
	const char			*params[2];
	struct buf			 sessions = { NULL, 0, 0 };
	json_t				*places;
	char				*text;

	(void)arg;
	if (listeners == NULL || asking)
		return;
	places = json_array();
	poll_params(places, &sessions);
	params[0] = text = json_dumps(places, JSON_COMPACT);
	params[1] = sessions.data;
	asking = true;
	(void)db_send(SQL_RECORDINGS_EVENTS, &nobody, params, 2, polled,
	    NULL);
	free(text);
	buf_dispose(&sessions);
	json_decref(places);
}

/* The places by their keys. */
static json_t *
places_read(const char *text)
{
	json_t		*list, *place, *places = json_object();
	char		 key[KEY_TEXT], tenant[12];
	size_t		 i;

	list = json_loads(text, 0, NULL);
	for (i = 0; i < json_array_size(list); i++) {
		place = json_array_get(list, i);
		(void)snprintf(tenant, sizeof(tenant), "%lld", (long long)
		    json_integer_value(json_object_get(place, "tenant")));
		json_object_set(places, place_key(key, tenant,
		    json_string_value(json_object_get(place, "after"))),
		    place);
	}
	json_decref(list);
	return (places);
}

/* The session lives, and may still see what it listens to. */
static bool
entitled(const struct listener *l, const json_t *sessions)
{
	const char	*sites;

	sites = json_string_value(json_object_get(sessions, l->session));
	return (sites != NULL &&
	    (*l->team == '\0' || strcmp(sites, l->team) == 0));
}

/* The listener may be gone afterwards. */
static void
tell(struct listener *l, const json_t *place)
{
	json_t	*data;
	char	*text;

	(void)snprintf(l->after, sizeof(l->after), "%s",
	    json_string_value(json_object_get(place, "as_of")));
	data = arrivals_of(json_object_get(place, "groups"), l->team,
	    l->account);
	if (data == NULL)
		return;
	text = json_dumps(data, JSON_COMPACT);
	events_publish(l->events, "recordings", l->after, text);
	free(text);
	json_decref(data);
}

static void
tell_all(const json_t *places, const json_t *sessions)
{
	struct listener	*l, *next;
	const json_t	*place;
	char		 key[KEY_TEXT];

	for (l = listeners; l != NULL; l = next) {
		next = l->next;
		if (!l->asked)
			continue;	/* came while the question was away */
		if (!entitled(l, sessions)) {
			events_end(l->events);
			continue;
		}
		place = json_object_get(places,
		    place_key(key, l->tenant, l->after));
		if (place != NULL)
			tell(l, place);
	}
}

/* The database away: nothing is lost, the next question asks for more. */
static void
polled(void *owner, enum result result, struct db_rows *rows)
{
	json_t	*places, *sessions;

	(void)owner;
	asking = false;
	if (result != OK)
		return;
	places = places_read(db_value(rows, 0, PLACES));
	sessions = json_loads(db_value(rows, 0, SESSIONS), 0, NULL);
	tell_all(places, sessions);
	json_decref(places);
	json_decref(sessions);
}

void
recordings_events_start(void)
{
	server_loop()->every(POLL_MS, poll, NULL);
}
