/*
 * Checks the password of a signed-in person again before an action that needs
 * it: an open session on an unattended computer is then not enough.
 */
#include <string.h>

#include "onepass/check.h"
#include "onepass/onepass.h"
#include "server/reply.h"

struct again {
	char			*password;
	password_answer		 answer;
	void			*arg;		/* the caller's */
};

static void	again_begun(struct ctx *, struct db_rows *, void *);
static void	again_checked(struct ctx *, enum result, const char *, void *);
static void	again_counted(struct ctx *, struct db_rows *, void *);

void
password_again(struct ctx *c, const char *password, password_answer then,
    void *arg)
{
	struct again	*a = arena_alloc(&c->arena, sizeof(*a));

	if (password == NULL || *password == '\0' ||
	    strlen(password) > PASSWORD_MAX) {
		then(c, "Saisissez votre mot de passe.", arg);
		return;
	}
	a->answer = then;
	a->arg = arg;
	a->password = arena_strdup(&c->arena, password);
	ask(c, SQL_ONEPASS_AGAIN, NULL, 0, again_begun, a);
}

static void
again_begun(struct ctx *c, struct db_rows *rows, void *arg)
{
	struct again	*a = arg;

	if (*db_text(rows, 0, "waits") == 't')
		a->answer(c, "Trop d’essais. Patientez quelques minutes "
		    "avant de réessayer.", a->arg);
	else
		check_password(c, &c->scope.key,
		    db_text(rows, 0, "password_hash"), a->password,
		    again_checked, a);
}

static void
again_checked(struct ctx *c, enum result result, const char *renewed,
    void *arg)
{
	const char	*params[2] = { c->person->id, c->address };
	struct again	*a = arg;

	(void)renewed;
	if (result == OK) {
		ask(c, SQL_ONEPASS_AGAIN_RIGHT, NULL, 0, again_counted, a);
		return;
	}
	(void)db_send(SQL_ONEPASS_LOG_FAILED, NULL, params, 2, NULL, NULL);
	a->answer(c, "Ce mot de passe ne convient pas.", a->arg);
}

static void
again_counted(struct ctx *c, struct db_rows *rows, void *arg)
{
	struct again	*a = arg;

	(void)rows;
	a->answer(c, NULL, a->arg);
}
