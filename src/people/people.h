/*
 * The accounts of a tenant, with their numbers, profiles of rights and
 * invitations; files of accounts; `smartrecord account`.
 */
#ifndef PEOPLE_PEOPLE_H
#define PEOPLE_PEOPLE_H

#include "base/settings.h"
#include "server/context.h"

/* Handlers, see src/routes.c. */
void	accounts_list(struct ctx *);
void	accounts_csv(struct ctx *);
void	account_get(struct ctx *);
void	account_rights(struct ctx *);
void	import_page(struct ctx *);
void	accounts_import(struct ctx *);
void	account_invitation(struct ctx *);
void	invitations_get(struct ctx *);
void	invitations_send(struct ctx *);
void	confirmations_list(struct ctx *);
void	confirmation_decide(struct ctx *);
void	notice_seen(struct ctx *);
void	confirmation_link_page(struct ctx *);
void	confirmation_link_use(struct ctx *);

/*
 * The values of pages (present.c, present_import.c, present_confirm.c), owned
 * by the caller; the model is borrowed.
 */
json_t	*present_accounts(const struct view *, json_t *model);
json_t	*present_account(const struct view *, json_t *model);
json_t	*present_import(const struct view *, json_t *model);
json_t	*present_invitations(const struct view *, json_t *model);
/* Returns where the last invitation of an account is ("Invitation envoyée
 * (hier, 10:05)"), in the arena; NULL when there is none. */
char	*invitation_words(const struct view *, struct arena *,
	    const json_t *account);
json_t	*present_confirmations(const struct view *, json_t *model);
json_t	*present_confirmation_link(const struct view *, json_t *model);

/* Names what waits for a second person: "supervisor", "email"… A constant. */
const char	*confirmation_field(enum lang, const char *key);

/* `smartrecord account` and `smartrecord confirm`; return the exit status. */
int	command_account(const struct settings *, int argc, char **argv);
int	command_confirm(const struct settings *, int argc, char **argv);

#endif
