/*
 * The access log: who did what, and when. Each action adds its row in its own
 * transaction, through audit_record() and the other functions of
 * src/db/functions/log.sql. This folder shows, seals and verifies the rows.
 */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include "base/settings.h"
#include "server/context.h"

/* Handlers of src/routes.c: GET /audit (page or JSON) and GET /audit.csv. */
void	audit_list(struct ctx *);
void	audit_csv(struct ctx *);

/* Returns the page's values, owned by the caller; only borrows the model. */
json_t	*present_audit(const struct view *, json_t *model);

/*
 * `smartrecord verify-audit [TENANT [--head NUMBER:HASH]] [--json]`: checks
 * that no sealed row was altered, dropped or swapped. Returns the exit status:
 * 1 when a log is not intact, 2 for wrong arguments.
 */
int	command_verify_audit(const struct settings *, int argc, char **argv);

#endif
