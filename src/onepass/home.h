/* The page that a person is sent to after sign-in. */
#ifndef ONEPASS_HOME_H
#define ONEPASS_HOME_H

#include "server/context.h"

/*
 * Redirects (303) to `to` if home_path_valid() and the person may open it, else
 * to the person's home. `to` may be NULL.
 */
void	home_redirect(struct ctx *, const char *to);
/*
 * Does the same for a session that has just begun: c->person is not set yet, so
 * the home is that of `opened`, the row of session_create.sql (borrowed).
 */
void	home_redirect_signed_in(struct ctx *, json_t *opened, const char *to);

#endif
