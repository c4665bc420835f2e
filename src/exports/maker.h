/*
 * One archive being made: what making.c, on the loop's thread, and the maker's
 * thread share. Private to this folder.
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

/* What all makers of the process share. */
struct workshop {
	const struct settings	*settings;
	struct pool		*pool;
	size_t			 room;		/* pieces ahead, per maker */
	struct store		*store;
	struct cache		*cache;		/* of encoded chunks, or NULL */
};

enum content { SOUND = 1, TEXT = 2 };	/* bits: audio, transcript */

struct maker {
	const struct workshop	*shop;
	pthread_t		 thread;
	struct arena		 arena;		/* of the texts below */
	const char		*worker;	/* random name of the lease */
	const char		*id, *tenant, *account, *person;
	const char		*tenant_key;	/* begins the archive's key */
	const char		*team;		/* NULL: rights withdrawn */
	struct brand		 brand;		/* of its transcripts */
	const char		*time_zone;	/* of its tenant */
	unsigned		 content;	/* bits of enum content */
	enum lang		 lang;
	/* set by the maker's thread */
	atomic_int		 done;		/* calls in the archive */
	atomic_llong		 bytes;		/* written */
	atomic_bool		 over;		/* the thread may be joined */
	/* set by the loop's thread */
	atomic_bool		 stop;
};

/* The thread's function: makes the archive of a struct maker; returns NULL. */
void	*maker_run(void *maker);

/*
 * Creates the archive's file in dir, named after the worker and locked until
 * its process ends. Returns its descriptor and sets *path (malloc'd), or
 * returns -1 with errno and *path NULL.
 */
int	 part_open(const char *dir, const char *worker, char **path);

#endif
