/*
 * Operators, their customers (tenants) and the customers' sites: the
 * commands of the operator's production.
 */
#ifndef TENANTS_TENANTS_H
#define TENANTS_TENANTS_H

#include "base/settings.h"

int	command_operator(const struct settings *, int argc, char **argv);
int	command_tenant(const struct settings *, int argc, char **argv);
int	command_site(const struct settings *, int argc, char **argv);

#endif
