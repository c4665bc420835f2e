/* What handlers ask of their context, see context.h. */
#include <sys/types.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

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
