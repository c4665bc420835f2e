/* Limits for clients without a session; see strangers.h. */
#include <sys/types.h>
#include <sys/socket.h>

#include <kore/kore.h>
#include <kore/http.h>

#include "base/log.h"
#include "server/proxy.h"
#include "server/strangers.h"

/*
 * Bytes of all heads and bodies of a worker. A quarter is for small bodies
 * only, a quarter is the most that strangers get: 256 bodies of 64 KiB. A
 * network gets a quarter of that.
 */
#define BYTES_MAX	(64u << 20)
#define STRANGERS_MAX	(BYTES_MAX / 4)
#define NETWORK_MAX	(STRANGERS_MAX / 4)
/* A network may have a quarter of the connections: 200 people of an office
 * with two each fit into 500. */
#define NETWORK_SHARE	4
#define NETWORK_LEAST	64
#define LOG_MS		60000

static struct crowd		*crowd;
static unsigned			 connections_high;
static struct crowd_guest	*(*guest_of)(struct connection *);
static unsigned long long	 closed, logged;

static void
log_tick(void *arg, u_int64_t now)
{
	(void)arg;
	(void)now;
	if (closed == logged)
		return;
	logged = closed;
	log_warn("event=strangers connections_closed=%llu", closed);
}

void
strangers_start(int64_t worker_connections,
    struct crowd_guest *(*guest)(struct connection *))
{
	struct crowd_limits	limits = { BYTES_MAX, STRANGERS_MAX,
				    NETWORK_MAX, 0, 0 };

	limits.connections = (unsigned)(worker_connections / NETWORK_SHARE);
	if (limits.connections < NETWORK_LEAST)
		limits.connections = NETWORK_LEAST;
	limits.unfinished = limits.connections / 2;
	crowd = crowd_new(&limits);
	connections_high = (unsigned)(worker_connections -
	    worker_connections / 8);
	guest_of = guest;
	kore_timer_add(log_tick, LOG_MS, NULL, 0);
}

/* Returns whether the connection is that of a stranger and waits for no
 * response. */
static bool
expendable(struct connection *c, const struct ip *network)
{
	const struct crowd_guest	*g;
	struct ip			 peer;

	if (c->proto == CONN_PROTO_MSG || c->tls == NULL ||
	    (c->flags & CONN_IS_BUSY) || !TAILQ_EMPTY(&c->http_requests) ||
	    !TAILQ_EMPTY(&c->send_queue) ||
	    (g = guest_of(c)) == NULL || !g->connected)
		return (false);
	if (network == NULL)
		return (true);
	peer = proxy_peer(c);
	peer = ip_neighbourhood(&peer);
	return (memcmp(&peer, network, sizeof(peer)) == 0);
}

/* Closes the oldest expendable connection; network NULL: of any network. */
static bool
close_oldest(const struct ip *network)
{
	struct connection	*c;

	TAILQ_FOREACH(c, &connections, list)
		if (expendable(c, network)) {
			closed++;
			/* It leaves the sums now, not when it is freed. */
			crowd_leave(crowd, guest_of(c));
			kore_connection_disconnect(c);
			return (true);
		}
	return (false);
}

bool
strangers_admit(struct connection *c)
{
	struct ip	network = proxy_peer(c);

	if (proxy_is_peer(c))
		return (true);
	network = ip_neighbourhood(&network);
	if (crowd_full(crowd, &network))
		return (close_oldest(&network));
	if (worker_active_connections >= connections_high)
		(void)close_oldest(NULL);
	return (true);
}

void
strangers_arrived(struct connection *c, struct crowd_guest *g)
{
	struct ip	network = proxy_peer(c);

	if (proxy_is_peer(c))
		return;
	network = ip_neighbourhood(&network);
	crowd_join(crowd, g, &network, true);
}

void
strangers_client(struct connection *c, struct crowd_guest *g,
    const struct ip *client)
{
	struct ip	network = ip_neighbourhood(client);

	if (proxy_is_peer(c))
		crowd_join(crowd, g, &network, false);
}

void
strangers_idle(struct connection *c, struct crowd_guest *g, size_t bytes)
{
	crowd_end(crowd, g);
	crowd_keep(crowd, g, bytes);
	/* The next request may be that of another client. */
	if (proxy_is_peer(c))
		crowd_forget(crowd, g);
}

static int
status_of(enum crowd_room room)
{
	return (room == CROWD_OK ? 0 : room == CROWD_NETWORK ? 429 : 503);
}

int
strangers_unfinished(struct crowd_guest *g)
{
	return (status_of(crowd_begin(crowd, g)));
}

void
strangers_finished(struct crowd_guest *g)
{
	crowd_end(crowd, g);
}

int
strangers_hold(struct crowd_guest *g, size_t more, bool large)
{
	return (status_of(crowd_hold(crowd, g, more, large)));
}

void
strangers_keep(struct crowd_guest *g, size_t bytes)
{
	crowd_keep(crowd, g, bytes);
}

void
strangers_know(struct crowd_guest *g)
{
	crowd_know(crowd, g);
}

void
strangers_leave(struct crowd_guest *g)
{
	crowd_leave(crowd, g);
}
