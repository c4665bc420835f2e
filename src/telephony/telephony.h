/*
 * Telephony: which accounts are recorded and how (the tab Activation), what the
 * telephone system must do in a call (the recording policy), the recording
 * button of telephones, and the help pages.
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

/*
 * The values of pages (present.c), owned by the caller; the model is borrowed.
 */
json_t	*present_services(const struct view *, json_t *model);
json_t	*present_activation(const struct view *, json_t *model);
json_t	*present_help(const struct view *, json_t *model);

/* `smartrecord account recording`; returns the exit status. */
int	account_recording(const struct settings *, const struct verb *,
	    int argc, char **argv);
/* `smartrecord telephone add|list|remove`; returns the exit status. */
int	command_telephone(const struct settings *, int argc, char **argv);

#endif
