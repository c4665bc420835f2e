/*
 * What will be in an archive: which calls, under which names, how long each
 * file is, what is left out and why; and the list of all of it, a table for
 * spreadsheets that lies in the archive. Made before anything is encoded.
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

/* Columns of run_calls.sql. */
enum {
	CALL_ID,
	CALL,
	CALL_EXPIRING,
	CALL_KEY,
	CALL_FORMAT,
	CALL_RATE,
	CALL_CHANNELS,
	CALL_SAMPLES,
	CALL_SHA256
};

#define ID_TEXT		37

struct member {
	char		 id[ID_TEXT];
	unsigned	 content;	/* what there is of it */
};

struct plan {
	const struct maker	*maker;
	struct view		 view;		/* words for its owner */
	struct person		 owner;		/* as far as words need */
	struct params		 query;		/* none */
	struct arena		 arena;		/* names */
	struct member		*members;	/* in the archive's order */
	size_t			 count, room;
	struct archive_entry	*entries;	/* the first is the table */
	size_t			 entry_count, entry_room;
	struct buf		 table;
	size_t			 table_at;	/* read so far */
	struct names		 names;
	json_t			*left_out;	/* {"why": calls} */
	json_t			*absent;	/* ids of those */
	int64_t			 bytes;		/* expected */
};

void		 plan_init(struct plan *p, const struct maker *m);
/* One row of run_calls.sql. UNAVAILABLE: the store is away. */
enum result	 plan_add(struct plan *p, const struct db_rows *rows, int row);
/* After the last: the table is whole. */
void		 plan_end(struct plan *p);
/* The next bytes of the table, at most n; 0 at its end. */
size_t		 plan_read_table(struct plan *p, void *buf, size_t n);
void		 plan_dispose(struct plan *p);

/* The MP3 of a row, whose call item is. DAMAGED: none can be made. */
enum result	 plan_mp3(const struct db_rows *rows, int row,
		    const json_t *item, struct mp3_file *f);

#endif
