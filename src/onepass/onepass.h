/*
 * OnePass identifies people: sign-in, passwords, mailed links to create or
 * reset them, sessions, language, and the page after sign-in. Which rights a
 * person needs is in the route table, src/routes.c.
 */
#ifndef ONEPASS_ONEPASS_H
#define ONEPASS_ONEPASS_H

#include "onepass/confirm.h"
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

/*
 * Checks the password of the signed-in person again, before an action that
 * needs it. Calls then() once, with NULL when it is right, else with a French
 * sentence of en.json: missing, wrong, or too many attempts. password may be
 * NULL; arg must live as long as the request.
 */
typedef void	(*password_answer)(struct ctx *, const char *problem,
		    void *arg);
void	password_again(struct ctx *, const char *password,
	    password_answer then, void *arg);

/* Starts the threads that check passwords, once in each worker. */
void	onepass_start(void);

/*
 * The values of pages, owned by the caller; the model is borrowed: the sign-in
 * page (present.c), one's own password and sessions (present_links.c).
 */
json_t	*present_sign_in(const struct view *, json_t *model);
json_t	*present_password(const struct view *, json_t *model);
json_t	*present_sessions(const struct view *, json_t *model);

#endif
