/*
 * Operators, their tenants (business customers) and the tenants' sites: the
 * commands that manage them, and the style sheet and logo of an operator's
 * pages.
 */
#ifndef TENANTS_TENANTS_H
#define TENANTS_TENANTS_H

#include "base/settings.h"
#include "server/context.h"

/* `smartrecord operator|tenant|site`; each returns the exit status. */
int	command_operator(const struct settings *, int argc, char **argv);
int	command_tenant(const struct settings *, int argc, char **argv);
int	command_site(const struct settings *, int argc, char **argv);

/*
 * Handlers, see src/routes.c: the style sheet of a colour, or a logo; the
 * statement on accessibility, and the values of its page.
 */
void	brand_get(struct ctx *);
void	accessibility_page(struct ctx *);
json_t	*present_accessibility(const struct view *, json_t *model);

#endif
