/*
 * People of a customer: accounts with their numbers, profiles of rights and
 * OnePass passwords.
 */
#ifndef PEOPLE_PEOPLE_H
#define PEOPLE_PEOPLE_H

#include "base/settings.h"
#include "server/context.h"

/* Handlers, see src/routes.c. */
void	accounts_list(struct ctx *);
void	account_get(struct ctx *);
void	account_rights(struct ctx *);
void	import_page(struct ctx *);
void	accounts_import(struct ctx *);
void	account_invitation(struct ctx *);

/* What the pages show (present.c). */
json_t	*present_accounts(const struct view *, json_t *model);
json_t	*present_account(const struct view *, json_t *model);
json_t	*present_import(const struct view *, json_t *model);

/* Can it be an account's id? */
bool	account_id_valid(const char *id);

int	command_account(const struct settings *, int argc, char **argv);

#endif
