/* See server/watch.h. A stream that waits is woken to be cut. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "server/model.h"
#include "server/server.h"
#include "server/watch.h"

#define POLL_MS		2000

static struct watch	*watches;
static bool		 asking;

static void	polled(void *, enum result, struct db_rows *);

void
watch_begin(struct watch *w, struct ctx *c, const char *kind)
{
	w->stream = NULL;
	w->kind = kind;
	(void)snprintf(w->id, sizeof(w->id), "%s", c->id);
	(void)snprintf(w->session, sizeof(w->session), "%s",
	    c->person->session_id);
	w->asked = w->over = false;
	w->next = watches;
	watches = w;
}

void
watch_end(struct watch *w)
{
	struct watch	**at;

	for (at = &watches; *at != w; at = &(*at)->next)
		continue;
	*at = w->next;
}

static void
poll(void *arg)
{
	static const struct db_scope	 nobody;
	const char			*params[1];
	struct watch			*w;
	json_t				*list;
	char				*text;

	(void)arg;
	if (watches == NULL || asking)
		return;
	list = json_array();
	for (w = watches; w != NULL; w = w->next) {
		w->asked = true;
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}",
		    "session", w->session, "kind", w->kind, "id", w->id));
	}
	params[0] = text = json_dumps(list, JSON_COMPACT);
	asking = true;
	(void)db_send(SQL_SERVER_STREAMS, &nobody, params, 1, polled, NULL);
	free(text);
	json_decref(list);
}

/* Is it among those that may still be had? */
static bool
had(const json_t *list, const struct watch *w)
{
	const json_t	*ids = json_object_get(list, w->session);

	return (json_object_get(ids, w->id) != NULL);
}

/* The database away: as before, until it says otherwise. */
static void
polled(void *owner, enum result result, struct db_rows *rows)
{
	struct watch	*w, *next;
	json_t		*list;

	(void)owner;
	asking = false;
	if (result != OK)
		return;
	list = model_of(rows);
	for (w = watches; w != NULL; w = next) {
		next = w->next;		/* a stream that is woken ends */
		if (!w->asked || w->over || had(list, w))
			continue;
		w->over = true;
		log_info("event=stream_over kind=%s id=%s", w->kind, w->id);
		if (w->stream != NULL)
			stream_wake(w->stream);
	}
	json_decref(list);
}

void
watch_start(void)
{
	server_loop()->every(POLL_MS, poll, NULL);
}
