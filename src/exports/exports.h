/*
 * Archives of many recordings: requested on the console or through the API,
 * made by `smartrecord jobs`, downloaded by the person who requested them. The
 * only header of this folder that other features include.
 */
#ifndef EXPORTS_EXPORTS_H
#define EXPORTS_EXPORTS_H

#include <stdbool.h>

#include "base/loop.h"
#include "base/settings.h"
#include "server/context.h"

/* Handlers, see src/routes.c. */
void	export_create(struct ctx *);
void	exports_list(struct ctx *);
void	export_show(struct ctx *);
void	export_cancel(struct ctx *);
void	export_archive(struct ctx *);
void	export_events(struct ctx *);

/* Opens the store, once in each worker; ends the process when it can't. */
void	exports_start(void);
/* Starts the queries for GET /exports/{id}/events; exports_start() calls it. */
void	exports_events_start(void);

/* The values of pages (present.c), owned by the caller; model is borrowed. */
json_t	*present_exports(const struct view *, json_t *model);
json_t	*present_export(const struct view *, json_t *model);

/*
 * Starts to make archives, in `smartrecord jobs`, on the thread that runs the
 * loop. Starts the encoder's threads. Returns false after a log line when it
 * can't. The settings are borrowed.
 */
bool	making_start(const struct settings *, struct loop *);
/*
 * Claims no more archives and stops those being made, which another process
 * then begins again. Call until making_count() is 0.
 */
void	making_stop(void);
/* Returns how many archives are being made. */
unsigned making_count(void);

/*
 * Removes the unfinished files of makers that died on this machine. Returns how
 * many. May run on any thread.
 */
size_t	making_sweep(const struct settings *);

#endif
