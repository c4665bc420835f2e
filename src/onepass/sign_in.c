/*
 * Sign-in: looks up the e-mail, checks the password on a thread, opens a
 * session (open.c). An unknown e-mail and a wrong password cost the same work
 * and get the same response.
 */
#include <stdlib.h>
#include <string.h>

#include "base/network.h"
#include "base/token.h"
#include "onepass/check.h"
#include "onepass/home.h"
#include "onepass/onepass.h"
#include "onepass/open.h"
#include "server/reply.h"

/* The state of a sign-in from step to step, in the request's arena. */
struct sign_in {
	const char	*email;
	char		*password;	/* wiped after the check */
	const char	*network;
	const char	*person_id;	/* NULL: no person has this e-mail */
	const char	*hash;		/* of the password, or NULL */
	bool		 known;		/* the person's browser, see device */
	char		 device[TOKEN_TEXT];	/* token of DEVICE_COOKIE */
};

static void	sign_in_begun(struct ctx *, struct db_rows *, void *);
static void	sign_in_counted(struct ctx *, struct db_rows *, void *);
static void	sign_in_checked(struct ctx *, enum result, const char *,
		    void *);

void
onepass_start(void)
{
	check_start();
}

/* Replies with a problem; a page shows its form again below the problem. */
static void
sign_in_refuse(
    struct ctx *c, int status, const char *field, const char *problem)
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
	model = json_pack("{s:s*, s:b, s:b}", "to",
	    params_get(&c->query, "to"), "signed_out",
	    params_get(&c->query, "bye") != NULL, "rights_grown",
	    c->rights_grown);
	reply_page(c, 200, "onepass/sign_in", present_sign_in, model);
}

/* Reads the form's fields. Returns false after a reply of 400. */
static bool
sign_in_fields(struct ctx *c, struct sign_in *s)
{
	const char	*password = ctx_field(c, "password");
	const char	*device = ctx_cookie(c, DEVICE_COOKIE);

	s->email = ctx_field(c, "email");
	if (s->email == NULL || s->email[0] == '\0' ||
	    strlen(s->email) > 254) {
		sign_in_refuse(c, 400, "email",
		    "Saisissez votre adresse e-mail.");
		return (false);
	}
	if (password == NULL || password[0] == '\0' ||
	    strlen(password) > PASSWORD_MAX) {
		sign_in_refuse(c, 400, "password",
		    "Saisissez votre mot de passe.");
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
	if (s->device[0] != '\0')
		token_hash(s->device, device);
	params[0] = s->email;
	params[1] = c->host;
	params[2] = s->network;
	params[3] = c->address;
	params[4] = device;
	ask(c, SQL_ONEPASS_SIGN_IN_BEGIN, params, 5, sign_in_begun, s);
}

/* Returns true after a reply of 429: too many attempts were made. */
static bool
sign_in_waits(struct ctx *c, const struct db_rows *rows)
{
	const char	*wait = db_text(rows, 0, "wait_seconds");

	if (strcmp(wait, "0") == 0)
		return (false);
	reply_header(c, "retry-after", wait);
	sign_in_refuse(c, 429, NULL, "Trop d’essais. Patientez quelques "
	    "minutes avant de réessayer.");
	return (true);
}

static void
sign_in_begun(struct ctx *c, struct db_rows *rows, void *arg)
{
	struct sign_in	*s = arg;
	const char	*person = db_text(rows, 0, "person_id");
	const char	*hash = db_text(rows, 0, "password_hash"), *params[4];

	s->known = strcmp(db_text(rows, 0, "known_device"), "t") == 0;
	if (sign_in_waits(c, rows))
		return;
	if (person != NULL)
		s->person_id = arena_strdup(&c->arena, person);
	if (hash != NULL)
		s->hash = arena_strdup(&c->arena, hash);
	params[0] = s->email;
	params[1] = s->network;
	params[2] = c->address;
	params[3] = s->known ? s->person_id : NULL;
	ask(c, SQL_ONEPASS_SIGN_IN_FAILED, params, 4, sign_in_counted, s);
}

/* A browser that signed in before waits with its person's (lane), any other one
 * with those of its network, by the address that is typed. */
static struct fair_key
sign_in_key(const struct ctx *c, const struct sign_in *s, bool lane)
{
	struct fair_key	key = c->network;

	if (lane)
		return (fair_known(s->person_id));
	key.person = fair_id(s->email);
	return (key);
}

/* Checks the password. It counts as a failed attempt until it succeeds. */
static void
sign_in_counted(struct ctx *c, struct db_rows *rows, void *arg)
{
	struct sign_in	*s = arg;
	struct fair_key	 key = sign_in_key(c, s,
			    *db_text(rows, 0, "lane") == 't');

	if (sign_in_waits(c, rows))
		return;
	check_password(c, &key, s->hash, s->password, sign_in_checked, s);
}

/*
 * Replies 401, and logs the failure when the e-mail is a person's. The reply
 * does not wait for the log: its time must not show who has an account.
 */
static void
refuse_password(struct ctx *c, const struct sign_in *s)
{
	const char	*params[2] = { s->person_id, c->address };

	sign_in_refuse(c, 401, NULL, "L’adresse e-mail ou le mot de passe ne "
	    "convient pas.");
	if (s->person_id != NULL)
		(void)db_send(SQL_ONEPASS_LOG_FAILED, NULL, params, 2,
		    NULL, NULL);
}

static void
sign_in_checked(struct ctx *c, enum result result, const char *renewed,
    void *arg)
{
	struct sign_in	*s = arg;

	if (result != OK || s->person_id == NULL)
		refuse_password(c, s);
	else
		session_open(c, s->person_id, NULL, s->hash, renewed, s->known ?
		    s->device : NULL);
}
