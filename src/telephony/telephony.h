/*
 * The telephone side: whose calls are recorded and how (the tab Activation),
 * what the telephone system is to do in a call (the recording policy), and
 * the pages that explain it to people.
 */
#ifndef TELEPHONY_TELEPHONY_H
#define TELEPHONY_TELEPHONY_H

#include "base/options.h"
#include "server/context.h"

/* Handlers, see src/routes.c. */
void	telephony_services(struct ctx *);
void	telephony_accounts(struct ctx *);
void	recording_change(struct ctx *);
void	telephone_get(struct ctx *);
void	telephone_set(struct ctx *);
void	telephones_set(struct ctx *);
void	recording_policy(struct ctx *);
void	recording_decide(struct ctx *);
void	telephony_help(struct ctx *);

/* What the pages show (present.c). */
json_t	*present_services(const struct view *, json_t *model);
json_t	*present_activation(const struct view *, json_t *model);
json_t	*present_help(const struct view *, json_t *model);

/* `smartrecord account recording`, of the verbs of accounts. */
int	account_recording(const struct settings *, const struct verb *,
	    int argc, char **argv);
int	command_telephone(const struct settings *, int argc, char **argv);

#endif
