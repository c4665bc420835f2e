/*
 * Erasing by number, for people who ask that nothing of theirs be kept (GDPR,
 * article 17): an administrator files a request, a supervisor of the whole
 * tenant carries it out, both can get its receipt. The only header of this
 * folder that other features include.
 */
#ifndef ERASURES_ERASURES_H
#define ERASURES_ERASURES_H

#include "server/context.h"

/* Handlers, see src/routes.c. */
void	erasure_file(struct ctx *);
void	erasures_list(struct ctx *);
void	erasure_show(struct ctx *);
void	erasure_withdraw(struct ctx *);
void	erasure_confirm(struct ctx *);
void	erasure_carry_out(struct ctx *);
void	erasure_receipt(struct ctx *);

/* The values of pages (present.c), owned by the caller; model is borrowed. */
json_t	*present_erasures(const struct view *, json_t *model);
json_t	*present_erasure(const struct view *, json_t *model);
json_t	*present_erasure_confirm(const struct view *, json_t *model);

#endif
