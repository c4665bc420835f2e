/*
 * Operators, their customers (tenants) and the customers' sites: the
 * commands of the operator's production, and what of an operator its pages
 * show.
 */
#ifndef TENANTS_TENANTS_H
#define TENANTS_TENANTS_H

#include "base/settings.h"
#include "server/context.h"

int	command_operator(const struct settings *, int argc, char **argv);
int	command_tenant(const struct settings *, int argc, char **argv);
int	command_site(const struct settings *, int argc, char **argv);

/* Handlers, see src/routes.c: the style sheet of a colour, or a logo; the
 * statement on accessibility and its title. */
void	brand_get(struct ctx *);
void	accessibility_page(struct ctx *);
json_t	*present_accessibility(const struct view *, json_t *model);

#endif
