/* What strangers hold; see crowd.h. A hash table of the networks that hold
 * anything now. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/crowd.h"
#include "base/log.h"

#define BUCKETS	1024

struct crowd_network {
	struct ip		 ip;
	unsigned		 guests;	/* pointers to this struct */
	unsigned		 connections, unfinished;
	size_t			 bytes;
	struct crowd_network	*next;
};

struct crowd {
	struct crowd_limits	 limits;
	size_t			 bytes, strangers;
	struct crowd_network	*buckets[BUCKETS];
};

struct crowd *
crowd_new(const struct crowd_limits *limits)
{
	struct crowd	*c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		log_fatal("event=out_of_memory");
	c->limits = *limits;
	return (c);
}

void
crowd_free(struct crowd *c)
{
	free(c);
}

/* FNV-1a. Who chooses networks that collide gains a list as long as the number
 * of their connections. */
static size_t
bucket_of(const struct ip *ip)
{
	uint32_t	hash = 2166136261u;
	size_t		i;

	for (i = 0; i < sizeof(ip->b); i++)
		hash = (hash ^ ip->b[i]) * 16777619u;
	return ((hash ^ hash >> 16) % BUCKETS);
}

static struct crowd_network *
network_find(const struct crowd *c, const struct ip *ip)
{
	struct crowd_network	*n = c->buckets[bucket_of(ip)];

	while (n != NULL && memcmp(&n->ip, ip, sizeof(*ip)) != 0)
		n = n->next;
	return (n);
}

static struct crowd_network *
network_get(struct crowd *c, const struct ip *ip)
{
	struct crowd_network	*n, **head = &c->buckets[bucket_of(ip)];

	if ((n = network_find(c, ip)) != NULL)
		return (n);
	if ((n = calloc(1, sizeof(*n))) == NULL)
		log_fatal("event=out_of_memory");
	n->ip = *ip;
	n->next = *head;
	*head = n;
	return (n);
}

static void
network_release(struct crowd *c, struct crowd_network *n)
{
	struct crowd_network	**at;

	if (--n->guests > 0)
		return;
	for (at = &c->buckets[bucket_of(&n->ip)]; *at != n; at = &(*at)->next)
		continue;
	*at = n->next;
	free(n);
}

/* Takes what the guest holds out of the sums of its network. */
static void
network_quit(struct crowd *c, struct crowd_guest *g)
{
	struct crowd_network	*n = g->network;

	if (n == NULL)
		return;
	n->connections -= g->connected;
	n->unfinished -= g->unfinished;
	n->bytes -= g->bytes;
	g->network = NULL;
	g->connected = false;
	network_release(c, n);
}

bool
crowd_full(const struct crowd *c, const struct ip *network)
{
	const struct crowd_network	*n = network_find(c, network);

	return (n != NULL && n->connections >= c->limits.connections);
}

void
crowd_join(struct crowd *c, struct crowd_guest *g, const struct ip *network,
    bool connected)
{
	struct crowd_network	*n;

	if (g->known)
		return;
	n = network_get(c, network);
	n->guests++;
	network_quit(c, g);
	g->network = n;
	g->connected = connected;
	n->connections += connected;
	n->unfinished += g->unfinished;
	n->bytes += g->bytes;
}

void
crowd_know(struct crowd *c, struct crowd_guest *g)
{
	if (g->known)
		return;
	network_quit(c, g);
	c->strangers -= g->bytes;
	g->known = true;
}

void
crowd_forget(struct crowd *c, struct crowd_guest *g)
{
	if (g->known) {
		g->known = false;
		c->strangers += g->bytes;
	} else
		network_quit(c, g);
}

enum crowd_room
crowd_begin(struct crowd *c, struct crowd_guest *g)
{
	if (g->unfinished)
		return (CROWD_OK);
	if (g->network != NULL) {
		if (g->network->unfinished >= c->limits.unfinished)
			return (CROWD_NETWORK);
		g->network->unfinished++;
	}
	g->unfinished = true;
	return (CROWD_OK);
}

void
crowd_end(struct crowd *c, struct crowd_guest *g)
{
	(void)c;
	if (g->unfinished && g->network != NULL)
		g->network->unfinished--;
	g->unfinished = false;
}

enum crowd_room
crowd_hold(struct crowd *c, struct crowd_guest *g, size_t more, bool large)
{
	size_t	limit = c->limits.bytes;

	if (large)
		limit -= limit / 4;
	if (more > limit || c->bytes > limit - more)
		return (CROWD_WORKER);
	if (g->network != NULL && (more > c->limits.network ||
	    g->network->bytes > c->limits.network - more))
		return (CROWD_NETWORK);
	if (!g->known && (more > c->limits.strangers ||
	    c->strangers > c->limits.strangers - more))
		return (CROWD_WORKER);
	c->bytes += more;
	g->bytes += more;
	if (!g->known)
		c->strangers += more;
	if (g->network != NULL)
		g->network->bytes += more;
	return (CROWD_OK);
}

void
crowd_keep(struct crowd *c, struct crowd_guest *g, size_t bytes)
{
	size_t	less = g->bytes > bytes ? g->bytes - bytes : 0;

	c->bytes -= less;
	g->bytes -= less;
	if (!g->known)
		c->strangers -= less;
	if (g->network != NULL)
		g->network->bytes -= less;
}

void
crowd_leave(struct crowd *c, struct crowd_guest *g)
{
	crowd_end(c, g);
	crowd_keep(c, g, 0);
	network_quit(c, g);
}

size_t
crowd_bytes(const struct crowd *c)
{
	return (c->bytes);
}
