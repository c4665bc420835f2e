/* Runs the server, and gives features its loop, pool and settings. */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "base/loop.h"
#include "base/pool.h"
#include "base/settings.h"

/* Runs Kore until SIGTERM or SIGINT has ended it. Returns the exit status of
 * the process. */
int		 server_run(const struct settings *);
/* `smartrecord routes`: prints the table of URLs. */
int		 command_routes(const struct settings *, int argc, char **argv);

/* The loop, the thread pool and the settings of a worker. */
struct loop	*server_loop(void);
struct pool	*server_pool(void);
/* The threads of heavy work, for ctx_work_heavy(). */
struct pool	*server_heavy(void);
const struct settings *server_settings(void);

/* Start functions of features, called once in each worker before the first
 * request. src/routes.c has the list. */
typedef void (*start_fn)(void);
extern const start_fn starts[];		/* ends with NULL */

#endif
