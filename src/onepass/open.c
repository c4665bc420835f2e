/* Opens a session, see open.h. */
#include <string.h>

#include "base/token.h"
#include "onepass/home.h"
#include "onepass/open.h"
#include "server/model.h"
#include "server/reply.h"
#include "server/session.h"

#define DEVICE_SECONDS	(180 * 24 * 3600)

struct opening {
	char	 device[TOKEN_TEXT];
	char	 token[TOKEN_TEXT];
};

static void	session_created(struct ctx *, struct db_rows *, void *);

void
session_open(struct ctx *c, const char *person_id, const char *tenant_id,
    const char *hash, const char *renewed, const char *device)
{
	struct opening	*o = arena_alloc(&c->arena, sizeof(*o));
	char		 token[TOKEN_TEXT], known[TOKEN_TEXT];
	char		 replaced[TOKEN_TEXT] = "";
	const char	*before = ctx_cookie(c, SESSION_COOKIE), *params[9];

	token_new(o->token);
	if (device != NULL)
		memcpy(o->device, device, TOKEN_TEXT);
	else
		token_new(o->device);
	token_hash(o->token, token);
	token_hash(o->device, known);
	if (before != NULL && token_valid(before))
		token_hash(before, replaced);
	params[0] = person_id;
	params[1] = token;
	params[2] = known;
	params[3] = c->address;
	params[4] = ctx_header(c, "user-agent");
	params[5] = hash;
	params[6] = replaced;
	params[7] = tenant_id;
	params[8] = renewed;
	ask(c, SQL_ONEPASS_SESSION_CREATE, params, 9, session_created, o);
}

static void
session_created(struct ctx *c, struct db_rows *rows, void *arg)
{
	struct opening	*o = arg;

	reply_cookie(c, DEVICE_COOKIE, o->device, DEVICE_SECONDS);
	session_opened(c, o->token, model_of(rows));
}

void
session_opened(struct ctx *c, const char *token, json_t *model)
{
	char	 csrf[TOKEN_TEXT];

	reply_cookie(c, SESSION_COOKIE, token, 0);
	if (c->surface != API) {
		home_redirect_signed_in(c, model, ctx_field(c, "to"));
		json_decref(model);
		return;
	}
	token_derive(token, "csrf", csrf);
	json_object_set_new(model, "csrf", json_string(csrf));
	if (json_is_null(json_object_get(json_object_get(model, "person"),
	    "language")))
		json_object_set_new(json_object_get(model, "person"),
		    "language", json_string(lang_tag(c->lang)));
	reply_value(c, 201, model);
}
