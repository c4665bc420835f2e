/*
 * Graceful shutdown; see drain.h. Kore calls fatal() when its accept events
 * are disabled, or when SIGTERM is handled, so this file replaces the accept
 * handler and uses a flag in shared memory instead of a signal.
 */
#include <sys/types.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <linux/filter.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "server/drain.h"
#include "server/proxy.h"
#include "server/tls.h"

#define PATIENCE_MS	15000	/* limit; then connections are closed */
#define SYN_MS		300	/* for TCP handshakes in progress */
#define KEEPALIVE_MS	2000	/* a request may still arrive */
#define TICK_MS		100

int	__real_bind(int, const struct sockaddr *, socklen_t);
int	__wrap_bind(int, const struct sockaddr *, socklen_t);

/* In memory that all processes share. */
struct drain {
	bool	 wanted;	/* set by the parent of Kore */
	int	 drained;	/* workers that have finished */
};

static struct drain	*shared;
static bool		 wanted, started, closed, reported;
static u_int64_t	 deadline, closing;

void
drain_prepare(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		log_fatal("event=no_shared_memory");
}

void
drain_all(void)
{
	__atomic_store_n(&shared->wanted, true, __ATOMIC_RELAXED);
}

bool
draining(void)
{
	return (wanted || __atomic_load_n(&shared->wanted, __ATOMIC_RELAXED));
}

/* Replaces Kore's handler, which calls fatal() while draining, and which
 * accepts connections before the key manager has sent the certificates. */
static void
accept_ready(void *arg, int error)
{
	/* Another worker, which drains already, has shut the socket down. */
	if (error)
		wanted = true;
	if (error || closed || !tls_ready())
		return;
	kore_listener_accept(arg, 0);
}

static void
listeners_each(void (*fn)(struct listener *))
{
	struct kore_server	*srv;
	struct listener		*l;

	LIST_FOREACH(srv, &kore_servers, list)
		LIST_FOREACH(l, &srv->listeners, list)
			fn(l);
}

static void
listener_takeover(struct listener *l)
{
	l->evt.handle = accept_ready;
}

/* Makes the kernel drop SYN packets. The client sends another one a second
 * later, and reaches the next instance. Handshakes in progress complete. */
static void
listener_refuse(struct listener *l)
{
	struct sock_filter	program[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),	/* flags */
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x02, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),		/* SYN: dropped */
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	struct sock_fprog	filter = {
		sizeof(program) / sizeof(program[0]), program
	};

	if (setsockopt(l->fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter,
	    sizeof(filter)) == -1)
		log_warn("event=drain_filter why=\"%s\"", strerror(errno));
}

/* Accepts all connections of the backlog, which would otherwise be reset, then
 * shuts the socket down. */
static void
listener_close(struct listener *l)
{
	u_int32_t	before;

	do {
		before = worker_active_connections;
		l->evt.flags |= KORE_EVENT_READ;
		kore_listener_accept(l, 0);
	} while (worker_active_connections > before);
	(void)shutdown(l->fd, SHUT_RD);
}

static bool
connection_idle(const struct connection *c, u_int64_t now)
{
	return (c->state == CONN_STATE_ESTABLISHED &&
	    TAILQ_EMPTY(&c->http_requests) && !(c->flags & CONN_IS_BUSY) &&
	    TAILQ_EMPTY(&c->send_queue) &&
	    now - c->idle_timer.start > KEEPALIVE_MS);
}

static unsigned
connections_busy(u_int64_t now)
{
	struct connection	*c;
	unsigned		 busy = 0;

	TAILQ_FOREACH(c, &connections, list) {
		if (c->proto == CONN_PROTO_MSG)
			continue;
		if (connection_idle(c, now))
			c->idle_timer.length = 1;
		else
			busy++;
	}
	return (busy);
}

static void
drain_begin(u_int64_t now)
{
	started = true;
	deadline = now + PATIENCE_MS;
	closing = now + SYN_MS;
	log_info("event=drain_started");
	listeners_each(listener_refuse);
}

static void
drain_close(void)
{
	closed = true;
	listeners_each(listener_close);
	worker_max_connections = 0;
	kore_worker_make_busy();
	worker->has_lock = 0;
}

static void
drain_tick(void *arg, u_int64_t now)
{
	unsigned	busy;

	(void)arg;
	if (!draining() || reported)
		return;
	if (!started)
		drain_begin(now);
	if (now < closing)
		return;
	if (!closed)
		drain_close();
	busy = connections_busy(now);
	if (busy > 0 && now < deadline)
		return;
	reported = true;
	proxy_log();
	log_info("event=drain_done cut=%u", busy);
	/* worker_count includes the parent and the key manager. */
	if (__sync_add_and_fetch(&shared->drained, 1) == (int)worker_count - 2)
		kore_shutdown();
}

void
drain_start(void)
{
	listeners_each(listener_takeover);
	kore_timer_add(drain_tick, TICK_MS, NULL, 0);
}

/* Sets SO_REUSEPORT, so that a new instance can listen before this one has
 * drained. */
int
__wrap_bind(int fd, const struct sockaddr *sa, socklen_t len)
{
	int	on = 1;

	if (sa->sa_family == AF_INET || sa->sa_family == AF_INET6)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	return (__real_bind(fd, sa, len));
}
