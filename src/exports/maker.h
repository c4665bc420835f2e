/*
 * One archive in the making: what making.c, on the loop's thread, and the
 * thread that makes it share. For this feature alone.
 */
#ifndef EXPORTS_MAKER_H
#define EXPORTS_MAKER_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/pool.h"
#include "base/settings.h"
#include "media/cache.h"
#include "server/context.h"
#include "store/store.h"

/* What all makers of the process use. */
struct workshop {
	const struct settings	*settings;
	struct pool		*pool;
	size_t			 room;		/* pieces ahead, each maker */
	struct store		*store;
	struct cache		*cache;		/* of encoded chunks, or NULL */
};

enum content { SOUND = 1, TEXT = 2 };	/* both: both bits */

struct maker {
	const struct workshop	*shop;
	pthread_t		 thread;
	struct arena		 arena;		/* of the texts below */
	const char		*worker;	/* whose lease it is */
	const char		*id, *tenant, *account, *person;
	const char		*team;		/* NULL: no right any more */
	struct brand		 brand;		/* of its transcripts */
	const char		*time_zone;
	unsigned		 content;	/* of enum content */
	enum lang		 lang;
	/* from the maker */
	atomic_int		 done;		/* calls in the archive */
	atomic_llong		 bytes;		/* written */
	atomic_bool		 over;		/* the thread may be joined */
	/* to the maker */
	atomic_bool		 stop;
};

/* Makes the archive from beginning to end; the thread's function. */
void	*maker_run(void *maker);

/* The file in the making, in the folder of exports: named after it, and
 * locked as long as its maker lives. -1: errno. *path is malloc'd. */
int	 part_open(const char *dir, const char *worker, char **path);

#endif
