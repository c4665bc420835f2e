/*
 * The bytes of a planned archive's files, in its order, made ahead by the
 * pool. Fills in the entries' ways of reading; belongs to the maker's thread.
 */
#ifndef EXPORTS_FEED_H
#define EXPORTS_FEED_H

#include "exports/plan.h"

#define BATCH_TEXT	"20"	/* calls with their texts in memory */

struct feed;

/* plan, maker, db, scope are borrowed. Never NULL. */
struct feed	*feed_new(struct plan *p, struct maker *m, struct db *db,
		    const struct db_scope *scope);
/* Why reading failed; OK: it didn't. */
enum result	 feed_result(const struct feed *f);
void		 feed_free(struct feed *f);

#endif
