/* Memory of a worker after a peak; see trim.h. */
#include <sys/types.h>

#include <kore/kore.h>

#include <malloc.h>

#include "server/trim.h"

#define TICK_MS	10000
#define LEAST	256	/* connections of a peak, which hold 4 MB */

static void
trim_tick(void *arg, u_int64_t now)
{
	static u_int32_t	peak;

	(void)arg;
	(void)now;
	if (worker_active_connections > peak)
		peak = worker_active_connections;
	if (peak < LEAST || worker_active_connections > peak / 2)
		return;
	peak = worker_active_connections;
	(void)malloc_trim(0);
}

void
trim_start(void)
{
	kore_timer_add(trim_tick, TICK_MS, NULL, 0);
}
