/*
 * The password again, before something grave: who finds an open session must
 * not be able to do everything with it.
 */
#include <string.h>

#include "onepass/check.h"
#include "onepass/network.h"
#include "onepass/onepass.h"
#include "server/reply.h"

struct again {
	char			*password;
	password_answer		 answer;
	void			*feature;	/* the caller's */
};

static void	begun(struct ctx *, enum result, struct db_rows *);
static void	checked(struct ctx *, enum result);
static void	counted(struct ctx *, enum result, struct db_rows *);

/* The caller's again. */
static void
answer(struct ctx *c, const char *problem)
{
	struct again	*a = c->feature;

	c->feature = a->feature;
	a->answer(c, problem);
}

void
password_again(struct ctx *c, const char *password, password_answer then)
{
	const char	*params[2];
	struct again	*a = arena_alloc(&c->arena, sizeof(*a));

	a->answer = then;
	a->feature = c->feature;
	c->feature = a;
	if (password == NULL || *password == '\0' ||
	    strlen(password) > PASSWORD_MAX) {
		answer(c, "Saisissez votre mot de passe.");
		return;
	}
	a->password = arena_strdup(&c->arena, password);
	params[0] = network_of(&c->arena, c->address);
	params[1] = c->address;
	ask(c, SQL_ONEPASS_AGAIN, params, 2, begun);
}

static void
begun(struct ctx *c, enum result result, struct db_rows *rows)
{
	struct again	*a = c->feature;

	(void)result;
	if (strcmp(db_value(rows, 0, 1), "0") != 0)
		answer(c, "Trop d’essais. Patientez quelques minutes avant "
		    "de réessayer.");
	else
		check_password(c, true, db_value(rows, 0, 0), a->password,
		    checked);
}

static void
checked(struct ctx *c, enum result result)
{
	const char	*params[2] = { c->person->id, c->address };

	if (result == OK) {
		ask(c, SQL_ONEPASS_AGAIN_RIGHT, &params[1], 1, counted);
		return;
	}
	(void)db_send(SQL_AUDIT_SIGN_IN_FAILED, NULL, params, 2, NULL, NULL);
	answer(c, "Ce mot de passe ne convient pas.");
}

static void
counted(struct ctx *c, enum result result, struct db_rows *rows)
{
	(void)result;
	(void)rows;
	answer(c, NULL);
}
