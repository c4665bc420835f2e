/* Limits for clients, above all those without a session; see strangers.h. */
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
 * network gets a quarter of that. A quarter is also the most that a customer's
 * people get, a person half of that.
 */
#define BYTES_MAX	(64u << 20)
#define STRANGERS_MAX	(BYTES_MAX / 4)
#define NETWORK_MAX	(STRANGERS_MAX / 4)
#define CUSTOMER_MAX	(BYTES_MAX / 4)
#define PERSON_MAX	(CUSTOMER_MAX / 2)
/* A network may have a quarter of the connections: 200 people of an office
 * with two each fit into 500. */
#define NETWORK_SHARE	4
#define NETWORK_LEAST	64
/* A person's connections beyond a sixteenth close before those of strangers,
 * when there are too many. */
#define PERSON_SHARE	16
#define PERSON_LEAST	16
#define LOG_MS		60000

static struct crowd		*crowd;
static unsigned			 connections_high, connections_person;
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
				    NETWORK_MAX, CUSTOMER_MAX, PERSON_MAX, 0,
				    0 };

	limits.connections = (unsigned)(worker_connections / NETWORK_SHARE);
	if (limits.connections < NETWORK_LEAST)
		limits.connections = NETWORK_LEAST;
	limits.unfinished = limits.connections / 2;
	crowd = crowd_new(&limits);
	connections_high = (unsigned)(worker_connections -
	    worker_connections / 8);
	connections_person = (unsigned)(worker_connections / PERSON_SHARE);
	if (connections_person < PERSON_LEAST)
		connections_person = PERSON_LEAST;
	guest_of = guest;
	kore_timer_add(log_tick, LOG_MS, NULL, 0);
}

/* Returns the guest of a connection that waits for no response, unless it is
 * that of a proxy; else NULL. */
static struct crowd_guest *
idle_guest(struct connection *c)
{
	struct crowd_guest	*g;

	if (c->proto == CONN_PROTO_MSG || c->tls == NULL ||
	    (c->flags & CONN_IS_BUSY) || !TAILQ_EMPTY(&c->http_requests) ||
	    !TAILQ_EMPTY(&c->send_queue) ||
	    (g = guest_of(c)) == NULL || !g->connected)
		return (NULL);
	return (g);
}

/* Returns whether the connection is that of a stranger and waits for no
 * response. */
static bool
expendable(struct connection *c, const struct ip *network)
{
	const struct crowd_guest	*g = idle_guest(c);
	struct ip			 peer;

	if (g == NULL || g->known)
		return (false);
	if (network == NULL)
		return (true);
	peer = proxy_peer(c);
	peer = ip_neighbourhood(&peer);
	return (memcmp(&peer, network, sizeof(peer)) == 0);
}

static void
close_connection(struct connection *c)
{
	closed++;
	/* It leaves the sums now, not when it is freed. */
	crowd_leave(crowd, guest_of(c));
	kore_connection_disconnect(c);
}

/* Closes the oldest expendable connection; network NULL: of any network. */
static bool
close_oldest(const struct ip *network)
{
	struct connection	*c;

	TAILQ_FOREACH(c, &connections, list)
		if (expendable(c, network)) {
			close_connection(c);
			return (true);
		}
	return (false);
}

/* Closes the oldest idle connection of the person who has the most, if those
 * are more than least. */
static bool
close_known(unsigned least)
{
	struct connection		*c, *most = NULL;
	const struct crowd_guest	*g;

	TAILQ_FOREACH(c, &connections, list)
		if ((g = idle_guest(c)) != NULL && g->known &&
		    crowd_connections(g) > least &&
		    (most == NULL || crowd_more(g, guest_of(most))))
			most = c;
	if (most == NULL)
		return (false);
	close_connection(most);
	return (true);
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
	if (worker_active_connections >= connections_high &&
	    !close_known(connections_person) && !close_oldest(NULL))
		(void)close_known(0);
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
	return (room == CROWD_OK ? 0 : room == CROWD_HOLDER ? 429 : 503);
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
strangers_know(struct crowd_guest *g, uint64_t customer, uint64_t person)
{
	crowd_know(crowd, g, customer, person);
}

void
strangers_unknow(struct connection *c, struct crowd_guest *g,
    const struct ip *client)
{
	struct ip	network = ip_neighbourhood(client);

	if (!g->known)
		return;
	crowd_forget(crowd, g);
	crowd_join(crowd, g, &network, !proxy_is_peer(c));
}

void
strangers_leave(struct crowd_guest *g)
{
	crowd_leave(crowd, g);
}
