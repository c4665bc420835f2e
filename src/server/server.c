/*
 * `smartrecord serve`: a parent process that handles signals and the file of
 * the log, and its child, Kore with its workers. Also initialises the workers.
 */
#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <kore/kore.h>
#include <kore/http.h>
#include <kore/hooks.h>

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/heavy.h"
#include "base/log.h"
#include "base/log_file.h"
#include "db/db.h"
#include "server/assets.h"
#include "server/capacity.h"
#include "server/drain.h"
#include "server/events.h"
#include "server/gate.h"
#include "server/instance.h"
#include "server/kore_config.h"
#include "server/kore_loop.h"
#include "server/page.h"
#include "server/proxy.h"
#include "server/respawn.h"
#include "server/route_match.h"
#include "server/server.h"
#include "server/tickets.h"
#include "server/trim.h"
#include "server/watch.h"

#define DRAIN_SECONDS	20	/* after it Kore is told to stop at once */
#define STOP_SECONDS	5	/* after it Kore's processes are killed */
#define FILES_MAX	65536	/* descriptors per process */
#define QUEUE_JOBS	256	/* of a customer in the pool of a worker */
#define KORE_PROCESSES	4	/* at most, besides the workers */

int	kore_main(int, char **);

static const struct settings	*settings;
static struct db_options	database;
static struct pool		*pool, *heavy;

struct loop *
server_loop(void)
{
	return (&kore_loop);
}

struct pool *
server_pool(void)
{
	return (pool);
}

struct pool *
server_heavy(void)
{
	return (heavy);
}

const struct settings *
server_settings(void)
{
	return (settings);
}

/* --- in Kore's processes -------------------------------------------------- */

void
kore_parent_configure(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	http_server_version("smartrecord");
	respawn_prepare();
	tickets_prepare();
	/* Kore numbers its own processes too */
	heavy_prepare(heavy_slots(), (unsigned)capacity_workers(settings) +
	    KORE_PROCESSES);
}

/* Callback of the gate: maximum size of the body of a request. */
static size_t
body_max(const char *method, const char *path, size_t n)
{
	static const struct {
		const char	*name;
		unsigned	 method;
	}			 writes[] = {
		{ "POST", POST }, { "PUT", PUT }, { "PATCH", PATCH },
	};
	struct route_match	 m;
	size_t			 i;

	for (i = 0; i < sizeof(writes) / sizeof(writes[0]); i++)
		if (strcmp(writes[i].name, method) == 0) {
			route_match(&m, routes, writes[i].method, path, n);
			/* An unmatched write may carry 4 KB, enough to answer
			 * 404. */
			return (m.outcome == ROUTE_FOUND ? m.route->body_max :
			    4096);
		}
	return (0);
}

/* Cancels the queries of a request that ends. */
static void
set_on_free(struct kore_domain *d)
{
	struct kore_route	*r;

	TAILQ_FOREACH(r, &d->routes, list)
		r->on_free =
		    kore_runtime_getcall("smartrecord_request_free");
}

/* Starts the threads for heavy work. It leaves half of the connections to the
 * database to lighter queries. */
static void
heavy_begin(void)
{
	unsigned	half = database.connections / 2, n = heavy_slots();

	n = half < n ? half : n;
	n = n == 0 ? 1 : n;
	heavy_start(&kore_loop, worker->id, n, HEAVY_HASHES);
	heavy = pool_new_behind(&kore_loop, n, QUEUE_JOBS);
	if (heavy == NULL)
		log_fatal("event=no_thread");
}

void
kore_worker_configure(void)
{
	size_t	i;

	respawn_pause();
	if (sodium_init() < 0)
		log_fatal("event=no_libsodium");
	kore_domain_callback(set_on_free);
	gate_configure(body_max, settings);
	pool = pool_new(&kore_loop, (unsigned)settings->worker_threads,
	    QUEUE_JOBS);
	if (pool == NULL)
		log_fatal("event=no_thread");
	heavy_begin();
	db_start(&kore_loop, &database);
	db_ready_start(&kore_loop);
	assets_start();
	page_start();
	events_start();
	watch_start();
	for (i = 0; starts[i] != NULL; i++)
		starts[i]();
	proxy_start();
	trim_start();
	drain_start();
	log_info("event=worker_started");
}

/* Ends a worker at once. Kore would free what the threads of the pool still
 * use, and a worker that hangs then would hold up the end of the server. */
void
kore_worker_teardown(void)
{
	_exit(0);
}

/* --- the parent ----------------------------------------------------------- */

/* Kore writes process titles over argv[0], up to the end of the environment.
 * This returns a copy of argv[0] with enough space. */
static char *
program_name(void)
{
	size_t	i, n = 4096;
	char	*name;

	for (i = 0; environ[i] != NULL; i++)
		n += strlen(environ[i]) + 1;
	if ((name = calloc(1, n)) == NULL)
		log_fatal("event=out_of_memory");
	return (strcpy(name, "smartrecord"));
}

/* Raises the number of descriptors to what the system allows, but no further
 * than FILES_MAX: each worker looks at all possible descriptors at its start,
 * containers allow a billion, and Kore kills a worker that takes more than five
 * seconds. */
static void
limit_files(void)
{
	struct rlimit	rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) != 0)
		return;
	rl.rlim_cur = MIN(rl.rlim_max, FILES_MAX);
	(void)setrlimit(RLIMIT_NOFILE, &rl);
}

/* Says when the system allows fewer connections than the setting. */
static void
limit_say(const struct settings *s)
{
	int64_t	held = capacity_connections(s);

	if (held < s->worker_connections)
		log_warn("event=few_descriptors worker_connections=%lld "
		    "held=%lld needed=%lld",
		    (long long)s->worker_connections, (long long)held,
		    (long long)s->worker_connections + OTHER_FILES);
}

/* Makes HOME that of the workers' user, as home_mend() in src/main.c does for
 * a process that does not change its user. */
static void
home_set(void)
{
	const struct passwd	*pw = getpwnam(settings->run_as);

	if (settings->run_as[0] != '\0' && pw != NULL)
		(void)setenv("HOME", pw->pw_dir, 1);
}

static void
kore_run(const char *config)
{
	/* Only root can change the user. */
	char	*argv[] = { program_name(), getuid() == 0 ? "-fn" : "-fnr",
		    "-c", NULL, NULL };

	/* A process group of its own: Ctrl-C reaches only the parent, which
	 * then drains. */
	(void)setpgid(0, 0);
	/* Kore traps it later. */
	(void)signal(SIGUSR1, SIG_IGN);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	limit_files();
	home_set();
	argv[3] = strdup(config);
	exit(kore_main(4, argv));
}

/* The first call drains, the second one stops Kore, the third one kills it. */
static void
server_stop(pid_t pid)
{
	static int	calls;

	switch (calls++) {
	case 0:
		drain_all();
		(void)alarm(DRAIN_SECONDS);
		break;
	case 1:
		(void)kill(pid, SIGTERM);
		(void)alarm(STOP_SECONDS);
		break;
	default:
		(void)kill(-pid, SIGKILL);
	}
}

/* Waits for Kore to end and forwards signals. Returns its exit status. */
static int
kore_attend(pid_t pid, const sigset_t *set)
{
	int	sig, status;

	for (;;) {
		if (sigwait(set, &sig) != 0)
			continue;
		switch (sig) {
		case SIGCHLD:
			if (waitpid(pid, &status, WNOHANG) != pid)
				break;
			/* If Kore was killed, its workers still run. */
			(void)kill(-pid, SIGKILL);
			return (WIFEXITED(status) ? WEXITSTATUS(status) : 1);
		case SIGHUP:
			log_file_reopen();
			log_info("event=reloaded");
			/* FALLTHROUGH */
		case SIGUSR1:
			/* the key manager reloads the certificates */
			(void)kill(pid, SIGUSR1);
			break;
		default:
			server_stop(pid);
		}
	}
}

int
server_run(const struct settings *s)
{
	char		*config = NULL, *folder, *why = NULL;
	sigset_t	 set, old;
	pid_t		 pid;
	int		 status;

	settings = s;
	if (!log_file_open(s->log_file, &why)) {
		fprintf(stderr, "smartrecord serve: %s\n", why);
		free(why);
		return (1);
	}
	if (!capacity_database(s, &database, &why) ||
	    !proxy_configure(s, &why) ||
	    (folder = instance_take(s, &why)) == NULL ||
	    (config = kore_config_write(s, folder, &why)) == NULL ||
	    !db_fits(s->database, ROLE_APP, &why)) {
		fprintf(stderr, "smartrecord serve: %s\n", why);
		free(why);
		return (1);
	}
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, &old);
	limit_say(s);
	drain_prepare();
	log_relay_open();
	if ((pid = fork()) == -1) {
		fprintf(stderr, "smartrecord serve: fork: %s\n",
		    strerror(errno));
		return (1);
	}
	if (pid == 0) {
		sigprocmask(SIG_SETMASK, &old, NULL);
		log_relay_child();
		kore_run(config);
	}
	log_relay_start();
	status = kore_attend(pid, &set);
	log_relay_end();
	return (status);
}
