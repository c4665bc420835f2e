/*
 * The values of the pages behind mailed links (present_links.c). The caller
 * owns the result; the model is borrowed.
 */
#ifndef ONEPASS_LINKS_H
#define ONEPASS_LINKS_H

#include "server/context.h"

/* The form that requests a link. model: {"purpose", "problem"?, "email"?,
 * "sent"}. */
json_t	*present_ask(const struct view *, json_t *model);
/* The form that chooses a password. model: {"purpose", "problem"?, "name",
 * "email"}. */
json_t	*present_choose(const struct view *, json_t *model);

#endif
