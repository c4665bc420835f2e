/* Watches downloads; see watch.h. A stream that must stop is woken, so that its
 * source can fail. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "server/model.h"
#include "server/server.h"
#include "server/watch.h"

#define POLL_MS		2000

static struct watched	*watches;
static bool		 asking[SQL_COUNT];

static void	watch_polled(void *, enum result, struct db_rows *);

void
watch_begin(struct watched *w, struct ctx *c, enum sql sql)
{
	w->stream = NULL;
	w->sql = sql;
	(void)snprintf(w->id, sizeof(w->id), "%s", c->id);
	(void)snprintf(w->session, sizeof(w->session), "%s",
	    c->person->session_id);
	w->asked = w->over = false;
	w->next = watches;
	watches = w;
}

void
watch_end(struct watched *w)
{
	struct watched	**at;

	for (at = &watches; *at != w; at = &(*at)->next)
		continue;
	*at = w->next;
}

/* Sends one query for all files of a kind. */
static void
watch_poll_kind(enum sql sql)
{
	static const struct db_scope	 nobody;
	const char			*params[1];
	struct watched			*w;
	json_t				*list = json_array();
	char				*text;

	for (w = watches; w != NULL; w = w->next) {
		if (w->sql != sql)
			continue;
		w->asked = true;
		json_array_append_new(list, json_pack("{s:s, s:s}",
		    "session", w->session, "id", w->id));
	}
	params[0] = text = json_dumps(list, JSON_COMPACT);
	asking[sql] = true;
	(void)db_send(sql, &nobody, params, 1, watch_polled, &asking[sql]);
	free(text);
	json_decref(list);
}

static void
watch_poll(void *arg)
{
	bool		 done[SQL_COUNT] = { false };
	struct watched	*w;

	(void)arg;
	for (w = watches; w != NULL; w = w->next)
		if (!asking[w->sql] && !done[w->sql]) {
			done[w->sql] = true;
			watch_poll_kind(w->sql);
		}
}

/* Returns whether the download is in the list of allowed ones. */
static bool
watch_allowed(const json_t *list, const struct watched *w)
{
	const json_t	*ids = json_object_get(list, w->session);

	return (json_object_get(ids, w->id) != NULL);
}

/* When the query failed, downloads continue. */
static void
watch_polled(void *owner, enum result result, struct db_rows *rows)
{
	bool		*flag = owner;
	enum sql	 sql = (enum sql)(flag - asking);
	struct watched	*w, *next;
	json_t		*list;

	*flag = false;
	if (result != OK)
		return;
	list = model_of(rows);
	for (w = watches; w != NULL; w = next) {
		next = w->next;		/* stream_wake() may end the watch */
		if (w->sql != sql || !w->asked || w->over ||
		    watch_allowed(list, w))
			continue;
		w->over = true;
		log_info("event=stream_over query=%s id=%s", sql_name(sql),
		    w->id);
		if (w->stream != NULL)
			stream_wake(w->stream);
	}
	json_decref(list);
}

void
watch_start(void)
{
	server_loop()->every(POLL_MS, watch_poll, NULL);
}
