/* Health checks; see health.h. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "server/drain.h"
#include "server/health.h"
#include "server/reply.h"

#define TEXT		"text/plain; charset=utf-8"
#define PARTS_MAX	4

static struct {
	const char	*what;
	bool		 well;
} parts[PARTS_MAX];

void
health_set(const char *what, bool well)
{
	size_t	i;

	for (i = 0; i < PARTS_MAX; i++)
		if (parts[i].what == NULL || strcmp(parts[i].what, what) == 0)
			break;
	if (i == PARTS_MAX)
		log_fatal("event=too_many_parts");
	parts[i].what = what;
	parts[i].well = well;
}

/* Returns the first thing that is not well, or NULL. */
static const char *
health_problem(void)
{
	const char	*problem;
	size_t		 i;

	if (draining())
		return ("draining");
	if ((problem = db_unready()) != NULL)
		return (problem);
	for (i = 0; i < PARTS_MAX && parts[i].what != NULL; i++)
		if (!parts[i].well)
			return (parts[i].what);
	return (NULL);
}

void
health_live(struct ctx *c)
{
	reply_bytes(c, 200, TEXT, "ok\n", 3);
}

void
health_ready(struct ctx *c)
{
	const char	*problem = health_problem();
	char		 text[32];

	(void)snprintf(text, sizeof(text), "%s\n", problem == NULL ? "ready" :
	    problem);
	reply_bytes(c, problem == NULL ? 200 : 503, TEXT, text, strlen(text));
}
