/*
 * Whether the store can be used: before a process stays, and in each worker for
 * /readyz. A pool thread looks at the store, since a network disk may block.
 */
#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "recordings/recordings.h"
#include "recordings/sound.h"
#include "server/health.h"
#include "server/server.h"

#define TICK_MS		1000
#define LOOK_MS		4000	/* between two looks while all is well */
#define PATIENCE_MS	5000	/* a look that takes longer has failed */

/* --- before a process stays ---------------------------------------------- */

/* Errors of a folder that is wrong; others may pass. */
static bool
error_stays(int error)
{
	return (error == ENOENT || error == ENOTDIR || error == EACCES ||
	    error == EPERM || error == ELOOP || error == ENAMETOOLONG ||
	    error == EROFS);
}

/* In a child process: becomes the user as Kore's workers do, and looks. Ends
 * with an errno, which fits into a status. */
static _Noreturn void
look_child(const struct store *s, const struct passwd *pw, bool write)
{
	(void)alarm(PATIENCE_MS / 1000);
	if (pw != NULL && (setgroups(1, &pw->pw_gid) == -1 ||
	    setgid(pw->pw_gid) == -1 || setuid(pw->pw_uid) == -1))
		_exit(errno);
	_exit(s->check(s, write));
}

/* Looks at the store as the user of the workers. A store that does not answer
 * gives ETIMEDOUT; the child may then stay until it does. */
static int
store_look(const struct store *s, const char *user, bool write)
{
	const struct passwd	*pw = NULL;
	int64_t			 end = clock_mono_ms() + PATIENCE_MS;
	int			 status;
	pid_t			 pid, ended;

	if (user[0] != '\0' && geteuid() == 0)
		pw = getpwnam(user);
	if ((pid = fork()) == -1)
		return (errno);
	if (pid == 0)
		look_child(s, pw, write);
	while ((ended = waitpid(pid, &status, WNOHANG)) == 0 &&
	    clock_mono_ms() < end)
		(void)usleep(2000);
	if (ended == pid && WIFEXITED(status))
		return (WEXITSTATUS(status));
	(void)kill(pid, SIGKILL);
	return (ETIMEDOUT);
}

bool
store_fits(const struct settings *s, const char *user, bool write, char **why)
{
	struct store	*store;
	char		 problem[DISK_PROBLEM];
	struct buf	 b = { 0 };
	int		 error;

	if ((store = store_new(s->store, why)) == NULL)
		return (false);
	error = store_look(store, user, write);
	store_free(store);
	if (error == 0)
		return (true);
	(void)disk_problem("the store", error, problem);
	if (!error_stays(error)) {
		log_warn("event=store_away why=\"%s\"", problem);
		return (true);
	}
	buf_printf(&b, "%s (store = %s%s%s)", problem, s->store,
	    user[0] == '\0' ? "" : ", for the user ", user);
	*why = b.data;
	return (false);
}

/* --- in a worker --------------------------------------------------------- */

static struct {
	struct pool	*thread;	/* its own, free of encoding */
	struct job	 job;
	int64_t		 began;		/* of the running look, monotonic ms */
	int64_t		 next;
	bool		 running;
	bool		 well;
	int		 error;		/* of the last look */
} look;

static void
look_run(struct job *j)
{
	(void)j;
	look.error = sound_store()->check(sound_store(), false);
}

/* Logs the first of several failures. */
static void
look_tell(bool well, int error)
{
	char	problem[DISK_PROBLEM];

	if (look.well && !well)
		log_error("event=store_away why=\"%s\"",
		    disk_problem("the store", error, problem));
	look.well = well;
	health_set("store", well);
}

static void
look_done(struct job *j)
{
	(void)j;
	look.running = false;
	look_tell(look.error == 0, look.error);
	look.next = clock_mono_ms() + (look.error == 0 ? LOOK_MS : 0);
}

static void
look_tick(void *arg)
{
	int64_t	now = clock_mono_ms();

	(void)arg;
	if (look.running && now - look.began > PATIENCE_MS)
		look_tell(false, ETIMEDOUT);
	if (look.running || now < look.next)
		return;
	look.job.run = look_run;
	look.job.done = look_done;
	look.began = now;
	look.running = pool_submit(look.thread, &look.job) == OK;
}

void
store_ready_start(void)
{
	look.thread = pool_new(server_loop(), 1, 1);
	if (look.thread == NULL)
		log_fatal("event=no_thread");
	look.well = true;
	health_set("store", false);
	look_tick(NULL);
	server_loop()->every(TICK_MS, look_tick, NULL);
}
