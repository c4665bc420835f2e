/*
 * The list of recordings, and one recording. search.sql and detail.sql shape
 * the models; present.c makes the pages.
 */
#include "base/text.h"
#include "recordings/filter.h"
#include "recordings/recordings.h"
#include "server/reply.h"

#define SEARCH_MS	1000	/* of the database, for a page found by words */

/* Asks for what the filter of the request finds. */
static void
ask_filter(struct ctx *c, enum sql sql)
{
	struct filter	 f;
	const char	*params[1];
	bool		 words;

	if (filter_parse(&f, &c->query) != OK) {
		reply_invalid(c, f.field, f.problem);
		return;
	}
	params[0] = filter_text(&f, &c->arena);
	words = json_object_get(f.json, "q") != NULL;
	filter_dispose(&f);
	if (words)
		ask_search(c, SEARCH_MS, sql, params, 1, reply_model, NULL);
	else
		ask(c, sql, params, 1, reply_model, NULL);
}

void
recordings_list(struct ctx *c)
{
	ask_filter(c, SQL_RECORDINGS_SEARCH);
}

void
recordings_per_day(struct ctx *c)
{
	ask_filter(c, SQL_RECORDINGS_PER_DAY);
}

void
recording_get(struct ctx *c)
{
	const char	*params[2] = { c->id, "read" };

	if (!uuid_valid(c->id)) {
		reply_result(c, NOT_FOUND);
		return;
	}
	ask(c, SQL_RECORDINGS_DETAIL, params, 2, reply_model, NULL);
}
