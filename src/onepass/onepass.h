/*
 * OnePass: who is there. Sign-in, passwords and the links that lead to them,
 * sessions, language, and where a person lands. What a person may do is the
 * route table's business.
 */
#ifndef ONEPASS_ONEPASS_H
#define ONEPASS_ONEPASS_H

#include "onepass/password.h"
#include "server/context.h"

/* Handlers, see src/routes.c. */
void	session_page(struct ctx *);
void	session_create(struct ctx *);
void	session_get(struct ctx *);
void	session_delete(struct ctx *);
void	session_switch(struct ctx *);
void	link_ask_page(struct ctx *);
void	link_ask(struct ctx *);
void	link_page(struct ctx *);
void	link_use(struct ctx *);
void	password_page(struct ctx *);
void	password_put(struct ctx *);
void	sessions_list(struct ctx *);
void	sessions_end(struct ctx *);
void	language_set(struct ctx *);
void	home_root(struct ctx *);
void	home_console(struct ctx *);
void	home_board(struct ctx *);

#define PASSWORD_ABOVE	100	/* recordings deleted at once */
/* Checks the person's password again, before something grave. then() gets
 * NULL, or why not: a French sentence known to en.json. c->feature is the
 * caller's when it comes. */
typedef void	(*password_answer)(struct ctx *, const char *problem);
void	password_again(struct ctx *, const char *password,
	    password_answer then);

/* Once in each worker: the two lanes of password checks. */
void	onepass_start(void);

/* What the sign-in page shows (present.c). */
json_t	*present_sign_in(const struct view *, json_t *model);
/* What the pages of one's own password and sessions show (present_links.c). */
json_t	*present_password(const struct view *, json_t *model);
json_t	*present_sessions(const struct view *, json_t *model);

#endif
