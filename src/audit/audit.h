/*
 * The access log: who did what. Rows are added by the SQL of whatever is done,
 * in its own transaction: audit_record() and its kin in 0008_audit.sql. Here
 * they are shown and examined.
 */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include "base/settings.h"
#include "server/context.h"

/* Handlers, see src/routes.c. */
void	audit_list(struct ctx *);
void	audit_csv(struct ctx *);

/* What the page shows (present.c). */
json_t	*present_audit(const struct view *, json_t *model);

/* `smartrecord verify-audit`: is each sealed row still what it was? */
int	command_verify_audit(const struct settings *, int argc, char **argv);

#endif
