/*
 * Produces the bytes of a planned archive's files, in order, made ahead by the
 * pool. Belongs to the maker's thread.
 */
#ifndef EXPORTS_FEED_H
#define EXPORTS_FEED_H

#include "exports/plan.h"

#define BATCH_TEXT	"20"	/* calls whose texts are read at once */

struct feed;

/*
 * Starts a feed and sets open, read and close of the plan's entries. All
 * arguments are borrowed. Never returns NULL.
 */
struct feed	*feed_new(struct plan *p, struct maker *m, struct db *db,
		    const struct db_scope *scope);
/*
 * Returns OK, or why reading failed: BUSY (stopped), CONFLICT (a call was
 * deleted meanwhile), or the result of making a piece.
 */
enum result	 feed_result(const struct feed *f);
void		 feed_free(struct feed *f);

#endif
