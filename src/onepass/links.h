/* What the pages of passwords and sessions show (present_links.c). */
#ifndef ONEPASS_LINKS_H
#define ONEPASS_LINKS_H

#include "server/context.h"

/* Of {"purpose", "problem"?, "email"?, "sent"}: a link is asked for. */
json_t	*present_ask(const struct view *, json_t *model);
/* Of {"purpose", "problem"?, "name", "email"}: a password is chosen. */
json_t	*present_choose(const struct view *, json_t *model);

#endif
