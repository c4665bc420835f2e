/* Where a person lands after the way in. */
#ifndef ONEPASS_HOME_H
#define ONEPASS_HOME_H

#include "server/context.h"

/* 303 to `to` when it is one of ours, else to the person's home. */
void	home_redirect(struct ctx *, const char *to);
/* The same just after sign-in, by what session_create.sql answered. */
void	home_redirect_signed_in(struct ctx *, json_t *opened, const char *to);

#endif
