/*
 * Sign-in: look the e-mail up, check the password off the event loop, open a
 * session (open.c). Unknown e-mail and wrong password cost the same work and
 * get the same answer.
 */
#include <stdlib.h>
#include <string.h>

#include "base/token.h"
#include "onepass/check.h"
#include "onepass/home.h"
#include "onepass/network.h"
#include "onepass/onepass.h"
#include "onepass/open.h"
#include "server/reply.h"

/* What a sign-in carries from step to step, in the request's arena. */
struct sign_in {
	const char	*email;
	char		*password;	/* wiped after the check */
	const char	*network;
	const char	*person_id;	/* NULL: nobody has this e-mail */
	const char	*hash;		/* of the password, or NULL */
	bool		 known;		/* this browser was here before */
	char		 device[TOKEN_TEXT];
};

static void	begun(struct ctx *, enum result, struct db_rows *);
static void	counted(struct ctx *, enum result, struct db_rows *);
static void	checked(struct ctx *, enum result);

void
onepass_start(void)
{
	check_start();
}

/* Pages get their form back with the sentence above it. */
static void
refuse(struct ctx *c, int status, const char *field, const char *problem)
{
	json_t		*model;
	const char	*to;

	if (c->surface == API) {
		if (field != NULL)
			reply_invalid(c, field, problem);
		else
			reply_problem(c, status, status == 401 ?
			    "wrong-credentials" : "try-later", problem);
		return;
	}
	to = ctx_field(c, "to");
	model = json_pack("{s:s, s:s*, s:s*, s:s*}", "problem", problem,
	    "field", field, "email", ctx_field(c, "email"), "to", to);
	reply_page(c, status, "onepass/sign_in", present_sign_in, model);
}

void
session_page(struct ctx *c)
{
	json_t	*model;

	if (c->person != NULL) {
		home_redirect(c, params_get(&c->query, "to"));
		return;
	}
	model = json_pack("{s:s*, s:b}", "to", params_get(&c->query, "to"),
	    "signed_out", params_get(&c->query, "bye") != NULL);
	reply_page(c, 200, "onepass/sign_in", present_sign_in, model);
}

/* Takes the fields in; false: replied already. */
static bool
sign_in_fields(struct ctx *c, struct sign_in *s)
{
	const char	*password = ctx_field(c, "password");
	const char	*device = ctx_cookie(c, DEVICE_COOKIE);

	s->email = ctx_field(c, "email");
	if (s->email == NULL || s->email[0] == '\0' ||
	    strlen(s->email) > 254) {
		refuse(c, 400, "email", "Saisissez votre adresse e-mail.");
		return (false);
	}
	if (password == NULL || password[0] == '\0' ||
	    strlen(password) > PASSWORD_MAX) {
		refuse(c, 400, "password", "Saisissez votre mot de passe.");
		return (false);
	}
	s->password = arena_strdup(&c->arena, password);
	s->network = network_of(&c->arena, c->address);
	if (device != NULL && token_valid(device))
		memcpy(s->device, device, TOKEN_TEXT);
	return (true);
}

void
session_create(struct ctx *c)
{
	struct sign_in	*s = arena_alloc(&c->arena, sizeof(*s));
	char		 device[TOKEN_TEXT] = "";
	const char	*params[5];

	if (!sign_in_fields(c, s))
		return;
	c->feature = s;
	if (s->device[0] != '\0')
		token_hash(s->device, device);
	params[0] = s->email;
	params[1] = c->host;
	params[2] = s->network;
	params[3] = c->address;
	params[4] = device;
	ask(c, SQL_ONEPASS_SIGN_IN_BEGIN, params, 5, begun);
}

static void
begun(struct ctx *c, enum result result, struct db_rows *rows)
{
	struct sign_in	*s = c->feature;
	const char	*person = db_value(rows, 0, 0);
	const char	*wait = db_value(rows, 0, 3), *params[3];

	(void)result;
	s->known = strcmp(db_value(rows, 0, 2), "t") == 0;
	if (strcmp(wait, "0") != 0) {
		reply_header(c, "retry-after", wait);
		refuse(c, 429, NULL, "Trop d’essais. Patientez quelques "
		    "minutes avant de réessayer.");
		return;
	}
	if (person != NULL)
		s->person_id = arena_strdup(&c->arena, person);
	if (db_value(rows, 0, 1) != NULL)
		s->hash = arena_strdup(&c->arena, db_value(rows, 0, 1));
	params[0] = s->email;
	params[1] = s->network;
	params[2] = c->address;
	ask(c, SQL_ONEPASS_SIGN_IN_FAILED, params, 3, counted);
}

/* Counted as a failure until it succeeds; now the work may begin. */
static void
counted(struct ctx *c, enum result result, struct db_rows *rows)
{
	struct sign_in	*s = c->feature;

	(void)result;
	(void)rows;
	check_password(c, s->known, s->hash, s->password, checked);
}

/* A known person's failure is written down beside the answer, which waits
 * for nothing and so says nothing about who is known. */
static void
refuse_password(struct ctx *c, const struct sign_in *s)
{
	const char	*params[2] = { s->person_id, c->address };

	refuse(c, 401, NULL, "L’adresse e-mail ou le mot de passe ne "
	    "convient pas.");
	if (s->person_id != NULL)
		(void)db_send(SQL_AUDIT_SIGN_IN_FAILED, NULL, params, 2,
		    NULL, NULL);
}

static void
checked(struct ctx *c, enum result result)
{
	struct sign_in	*s = c->feature;

	if (result != OK || s->person_id == NULL)
		refuse_password(c, s);
	else
		session_open(c, s->person_id, s->hash, s->known ? s->device :
		    NULL);
}
