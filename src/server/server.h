/* The server as main.c and the features' start-up see it. */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "base/loop.h"
#include "base/pool.h"
#include "base/settings.h"

/* Runs Kore until SIGTERM/SIGINT/SIGHUP have been served. Returns the
 * process's exit status. */
int		 server_run(const struct settings *);
/* `smartrecord routes`: the table of URLs, a line each. */
int		 command_routes(const struct settings *, int argc, char **argv);

/* In a worker: the loop, its pool of threads, the settings. */
struct loop	*server_loop(void);
struct pool	*server_pool(void);
const struct settings *server_settings(void);

/* Features that need a start in each worker (src/routes.c lists them):
 * called once, before the first request. */
typedef void (*start_fn)(void);
extern const start_fn starts[];		/* ends with NULL */

#endif
