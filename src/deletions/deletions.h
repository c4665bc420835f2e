/*
 * Deletions of recordings by a supervisor: counting, deleting, the receipt. The
 * only header of this folder that other features include.
 */
#ifndef DELETIONS_DELETIONS_H
#define DELETIONS_DELETIONS_H

#include "server/context.h"

/* Handlers, see src/routes.c. */
void	deletion_count(struct ctx *);
void	deletion_create(struct ctx *);
void	deletion_show(struct ctx *);

/* The values of the receipt's page, owned by the caller; borrows the model. */
json_t	*present_deletion(const struct view *, json_t *model);

#endif
