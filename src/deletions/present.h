/*
 * The values of the page that confirms a deletion, owned by the caller; borrows
 * the model. Pure.
 */
#ifndef DELETIONS_PRESENT_H
#define DELETIONS_PRESENT_H

#include "server/context.h"

json_t	*present_deletion_confirm(const struct view *, json_t *model);

#endif
