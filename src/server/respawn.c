/* Pauses before a worker starts again; see respawn.h. */
#include <sys/types.h>
#include <sys/mman.h>

#include <kore/kore.h>

#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/heavy.h"
#include "base/log.h"
#include "server/respawn.h"

#define WORKERS_MAX	1024	/* ids: workers, and Kore's own processes */
#define LIVED_MS	60000	/* a life that was no failed start */
#define PAUSE_MIN_MS	250
#define PAUSE_MAX_MS	30000

/* Of the worker with an id; in shared memory. */
struct life {
	int64_t	started;	/* monotonic ms; 0: never */
	int64_t	pause;		/* before the last start, ms */
	pid_t	pid;		/* of the last one; 0: none */
};

static struct life	*lives;

void
respawn_prepare(void)
{
	lives = mmap(NULL, WORKERS_MAX * sizeof(*lives),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (lives == MAP_FAILED)
		log_fatal("event=no_shared_memory");
}

static int64_t
next_pause(const struct life *life, int64_t now)
{
	if (life->started == 0 || now - life->started > LIVED_MS + life->pause)
		return (0);
	if (life->pause == 0)
		return (PAUSE_MIN_MS);
	return (MIN(2 * life->pause, PAUSE_MAX_MS));
}

void
respawn_pause(void)
{
	struct life	*life = &lives[worker->id % WORKERS_MAX];
	int64_t		 now = clock_mono_ms(), pause = next_pause(life, now);
	struct timespec	 t = { pause / 1000, pause % 1000 * 1000000 };

	if (pause > 0 && pause != life->pause &&
	    (pause == PAUSE_MIN_MS || pause == PAUSE_MAX_MS))
		log_error("event=worker_paused worker=%d pause_ms=%lld",
		    worker->id, (long long)pause);
	if (life->pid != 0)
		heavy_forget(life->pid);
	life->pid = getpid();
	life->started = now;
	life->pause = pause;
	if (pause == 0)
		return;
	/* Kore's parent waits for a worker: it must not wait for this. */
	worker->ready = 1;
	(void)nanosleep(&t, NULL);
}
