/*
 * The plan of an archive: its calls, the name and length of each file, what is
 * left out and why; and the table of all calls, a CSV file in the archive. The
 * plan is made before anything is encoded.
 */
#ifndef EXPORTS_PLAN_H
#define EXPORTS_PLAN_H

#include <jansson.h>

#include "base/buf.h"
#include "db/db.h"
#include "exports/maker.h"
#include "exports/names.h"
#include "media/archive.h"
#include "media/mp3_file.h"
#include "server/context.h"

#define ID_TEXT		37

/* One call of the archive. */
struct member {
	char		 id[ID_TEXT];
	unsigned	 content;	/* bits of enum content that exist */
};

struct plan {
	const struct maker	*maker;
	struct view		 view;		/* for texts, see present.h */
	struct person		 owner;		/* only what texts need */
	struct params		 query;		/* empty */
	struct arena		 arena;		/* of file names */
	struct member		*members;	/* in the archive's order */
	size_t			 count, room;
	struct archive_entry	*entries;	/* the first is the table */
	size_t			 entry_count, entry_room;
	struct buf		 table;		/* CSV */
	size_t			 table_at;	/* bytes read of it */
	struct names		 names;
	json_t			*left_out;	/* {reason: calls} */
	json_t			*absent;	/* ids of calls left out */
	int64_t			 bytes;		/* expected size */
};

/* Begins a plan; borrows m. */
void		 plan_init(struct plan *p, const struct maker *m);
/*
 * Adds the call of a row of run_calls.sql, or counts it as left out. Returns
 * OK, or UNAVAILABLE when the store is away.
 */
enum result	 plan_add(struct plan *p, const struct db_rows *rows, int row);
/* Ends the plan: the table is complete. */
void		 plan_end(struct plan *p);
/* Copies the next bytes of the table, at most n; returns 0 at its end. */
size_t		 plan_read_table(struct plan *p, void *buf, size_t n);
void		 plan_dispose(struct plan *p);

/*
 * Plans the MP3 of a row of run_calls.sql, whose "call" is item. Returns OK, or
 * DAMAGED when none can be made.
 */
enum result	 plan_mp3(const struct db_rows *rows, int row,
		    const json_t *item, struct mp3_file *f);

#endif
