/*
 * Archives of many recordings: asked for on the console or through the API,
 * made by `smartrecord jobs`, downloaded by the one who asked. The only
 * header of this feature that others include.
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

/* Once in each worker of the server: opens the store. */
void	exports_start(void);
/* Likewise: follows archives for those who listen. */
void	exports_events_start(void);

/* What the pages show (present.c). */
json_t	*present_exports(const struct view *, json_t *model);
json_t	*present_export(const struct view *, json_t *model);

/*
 * Making archives, in `smartrecord jobs`, on the thread that runs the loop.
 * Starts the threads that encode; false: it can't, the log says why.
 */
bool	making_start(const struct settings *, struct loop *);
/* No more archives: those in the making are given back for others. */
void	making_stop(void);
/* How many are in the making. */
unsigned making_count(void);

/* Removes half-made archives of workers that died on this machine; answers
 * how many. From any thread. */
size_t	making_sweep(const struct settings *);

#endif
