/*
 * `smartrecord routes`: prints a line for each URL with method, surface, right
 * and path. The tests generate their authorization matrix from it.
 */
#include <stdio.h>

#include "server/context.h"
#include "server/server.h"

struct word {
	unsigned	 value;
	const char	*text;
	const char	*base;		/* of a surface */
};

static const struct word methods[] = {
	{ GET, "GET", NULL }, { POST, "POST", NULL }, { PUT, "PUT", NULL },
	{ PATCH, "PATCH", NULL }, { DELETE, "DELETE", NULL }, { 0, NULL, NULL }
};
static const struct word surfaces[] = {
	{ ROOT, "root", "" }, { API, "api", "/api/v1" },
	{ CONSOLE, "console", "/console" }, { BOARD, "board", "/board" },
	{ 0, NULL, NULL }
};
static const struct word rights[] = {
	{ RIGHT_STATIC, "STATIC", NULL }, { RIGHT_PUBLIC, "PUBLIC", NULL },
	{ RIGHT_PERSON, "PERSON", NULL }, { RIGHT_LISTEN, "LISTEN", NULL },
	{ RIGHT_DELETE_MANY, "DELETE_MANY", NULL },
	{ RIGHT_AUDIT, "AUDIT", NULL },
	{ RIGHT_EXPORT, "EXPORT", NULL },
	{ RIGHT_ERASURES, "ERASURES", NULL },
	{ RIGHT_ERASE, "ERASE", NULL },
	{ RIGHT_OVERSEE, "OVERSEE", NULL },
	{ RIGHT_ACCOUNTS, "ACCOUNTS", NULL },
	{ RIGHT_TELEPHONY, "TELEPHONY", NULL },
	{ RIGHT_ADMINISTER, "ADMINISTER", NULL }, { 0, NULL, NULL }
};

static const char *
route_word(const struct word *w, unsigned value)
{
	while (w->text != NULL && w->value != value)
		w++;
	return (w->text != NULL ? w->text : "?");
}

int
command_routes(const struct settings *s, int argc, char **argv)
{
	const struct route	*r;
	const struct word	*w;

	(void)s;
	(void)argc;
	(void)argv;
	for (r = routes; r->path != NULL; r++)
		for (w = surfaces; w->text != NULL; w++)
			if (r->surfaces & w->value)
				printf("%-6s %-7s %-12s %s%s\n",
				    route_word(methods, r->method), w->text,
				    route_word(rights, r->right), w->base,
				    r->path);
	return (0);
}
