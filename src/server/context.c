/* Accessors of the context; see context.h. */
#include <sys/types.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>
#include <strings.h>

#include "server/request.h"

const char *
ctx_header(struct ctx *c, const char *name)
{
	const char	*value;

	if (!http_request_header(c->request->kore, name, &value))
		return (NULL);
	return (value);
}

const char *
ctx_cookie(struct ctx *c, const char *name)
{
	const char	*header = ctx_header(c, "cookie");

	return (header == NULL ? NULL : cookie_get(&c->arena, header, name));
}

const char *
ctx_field(struct ctx *c, const char *name)
{
	if (c->surface == API)
		return (json_string_value(json_object_get(c->body, name)));
	return (params_get(&c->form, name));
}

const char *
ctx_number(struct ctx *c, const char *name)
{
	json_t	*n = json_object_get(c->body, name);

	if (c->surface == API && json_is_integer(n))
		return (arena_printf(&c->arena, "%lld",
		    (long long)json_integer_value(n)));
	return (ctx_field(c, name));
}

const char *
ctx_origin(struct ctx *c, enum surface surface)
{
	const struct place	*p = &c->place;
	const char		*host = surface == BOARD ? p->board_host :
				    p->console_host;

	if (p->purpose == PLACE_ALL || host == NULL || host[0] == '\0' ||
	    strcasecmp(host, c->host) == 0)
		return ("");
	return (arena_printf(&c->arena, "https://%s%s", host,
	    c->authority + strlen(c->host)));
}
