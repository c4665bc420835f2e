/* What clients hold; see crowd.h. A hash table of the networks, customers and
 * persons that hold anything now. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/crowd.h"
#include "base/log.h"

#define BUCKETS	1024

struct crowd_holder {
	enum crowd_level	 level;
	struct ip		 id;	/* the network, or two numbers */
	unsigned		 guests;	/* pointers to this struct */
	unsigned		 connections, unfinished;
	size_t			 bytes;
	struct crowd_holder	*next;
};

struct crowd {
	struct crowd_limits	 limits;
	size_t			 bytes, strangers;
	struct crowd_holder	*buckets[BUCKETS];
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
bucket_of(enum crowd_level level, const struct ip *id)
{
	uint32_t	hash = 2166136261u + (uint32_t)level;
	size_t		i;

	for (i = 0; i < sizeof(id->b); i++)
		hash = (hash ^ id->b[i]) * 16777619u;
	return ((hash ^ hash >> 16) % BUCKETS);
}

static struct crowd_holder *
holder_find(const struct crowd *c, enum crowd_level level, const struct ip *id)
{
	struct crowd_holder	*n = c->buckets[bucket_of(level, id)];

	while (n != NULL && (n->level != level ||
	    memcmp(&n->id, id, sizeof(*id)) != 0))
		n = n->next;
	return (n);
}

static struct crowd_holder *
holder_get(struct crowd *c, enum crowd_level level, const struct ip *id)
{
	struct crowd_holder	*n, **head = &c->buckets[bucket_of(level, id)];

	if ((n = holder_find(c, level, id)) != NULL)
		return (n);
	if ((n = calloc(1, sizeof(*n))) == NULL)
		log_fatal("event=out_of_memory");
	n->level = level;
	n->id = *id;
	n->next = *head;
	*head = n;
	return (n);
}

static void
holder_release(struct crowd *c, struct crowd_holder *n)
{
	struct crowd_holder	**at;

	if (--n->guests > 0)
		return;
	for (at = &c->buckets[bucket_of(n->level, &n->id)]; *at != n;
	    at = &(*at)->next)
		continue;
	*at = n->next;
	free(n);
}

/* Takes what the guest holds out of the sums of a holder. */
static void
holder_quit(struct crowd *c, struct crowd_guest *g, enum crowd_level level)
{
	struct crowd_holder	*n = g->holders[level];

	if (n == NULL)
		return;
	n->connections -= g->connected;
	n->unfinished -= g->unfinished;
	n->bytes -= g->bytes;
	g->holders[level] = NULL;
	holder_release(c, n);
}

static void
holders_quit(struct crowd *c, struct crowd_guest *g)
{
	int	i;

	for (i = 0; i < CROWD_LEVELS; i++)
		holder_quit(c, g, (enum crowd_level)i);
}

/* Adds what the guest holds to the sums of a holder, which has no others of
 * its level then. */
static void
holder_join(struct crowd *c, struct crowd_guest *g, enum crowd_level level,
    const struct ip *id)
{
	struct crowd_holder	*n = holder_get(c, level, id);

	n->guests++;	/* first: it may be the one that is left */
	holder_quit(c, g, level);
	g->holders[level] = n;
	n->connections += g->connected;
	n->unfinished += g->unfinished;
	n->bytes += g->bytes;
}

bool
crowd_full(const struct crowd *c, const struct ip *network)
{
	const struct crowd_holder	*n;

	n = holder_find(c, CROWD_BY_NETWORK, network);
	return (n != NULL && n->connections >= c->limits.connections);
}

void
crowd_join(struct crowd *c, struct crowd_guest *g, const struct ip *network,
    bool connected)
{
	if (g->known)
		return;
	if (g->connected != connected)
		holders_quit(c, g);
	g->connected = connected;
	holder_join(c, g, CROWD_BY_NETWORK, network);
}

/* An id for the table of two numbers. */
static struct ip
id_of(uint64_t customer, uint64_t person)
{
	struct ip	id;

	memcpy(id.b, &customer, sizeof(customer));
	memcpy(id.b + sizeof(customer), &person, sizeof(person));
	return (id);
}

void
crowd_know(struct crowd *c, struct crowd_guest *g, uint64_t customer,
    uint64_t person)
{
	struct ip	id = id_of(customer, 0);

	if (!g->known)
		c->strangers -= g->bytes;
	g->known = true;
	holder_quit(c, g, CROWD_BY_NETWORK);
	holder_join(c, g, CROWD_BY_CUSTOMER, &id);
	id = id_of(customer, person);
	holder_join(c, g, CROWD_BY_PERSON, &id);
}

unsigned
crowd_connections(const struct crowd_guest *g)
{
	return (g->holders[CROWD_BY_PERSON]->connections);
}

bool
crowd_more(const struct crowd_guest *a, const struct crowd_guest *b)
{
	unsigned	x = crowd_connections(a), y = crowd_connections(b);

	return (x > y || (x == y &&
	    a->holders[CROWD_BY_CUSTOMER]->connections >
	    b->holders[CROWD_BY_CUSTOMER]->connections));
}

void
crowd_forget(struct crowd *c, struct crowd_guest *g)
{
	holders_quit(c, g);
	if (g->known)
		c->strangers += g->bytes;
	g->known = false;
}

enum crowd_room
crowd_begin(struct crowd *c, struct crowd_guest *g)
{
	struct crowd_holder	*n = g->holders[CROWD_BY_NETWORK];
	int			 i;

	if (g->unfinished)
		return (CROWD_OK);
	if (n != NULL && n->unfinished >= c->limits.unfinished)
		return (CROWD_HOLDER);
	for (i = 0; i < CROWD_LEVELS; i++)
		if (g->holders[i] != NULL)
			g->holders[i]->unfinished++;
	g->unfinished = true;
	return (CROWD_OK);
}

void
crowd_end(struct crowd *c, struct crowd_guest *g)
{
	int	i;

	(void)c;
	for (i = 0; g->unfinished && i < CROWD_LEVELS; i++)
		if (g->holders[i] != NULL)
			g->holders[i]->unfinished--;
	g->unfinished = false;
}

/* Returns whether the holders of the guest may hold more bytes. */
static bool
holders_room(const struct crowd *c, const struct crowd_guest *g, size_t more)
{
	const size_t	limits[CROWD_LEVELS] = { c->limits.network,
			    c->limits.customer, c->limits.person };
	int		i;

	for (i = 0; i < CROWD_LEVELS; i++)
		if (g->holders[i] != NULL && (more > limits[i] ||
		    g->holders[i]->bytes > limits[i] - more))
			return (false);
	return (true);
}

enum crowd_room
crowd_hold(struct crowd *c, struct crowd_guest *g, size_t more, bool large)
{
	size_t	limit = c->limits.bytes;
	int	i;

	if (large)
		limit -= limit / 4;
	if (more > limit || c->bytes > limit - more)
		return (CROWD_WORKER);
	if (!holders_room(c, g, more))
		return (CROWD_HOLDER);
	if (!g->known && (more > c->limits.strangers ||
	    c->strangers > c->limits.strangers - more))
		return (CROWD_WORKER);
	c->bytes += more;
	g->bytes += more;
	if (!g->known)
		c->strangers += more;
	for (i = 0; i < CROWD_LEVELS; i++)
		if (g->holders[i] != NULL)
			g->holders[i]->bytes += more;
	return (CROWD_OK);
}

void
crowd_keep(struct crowd *c, struct crowd_guest *g, size_t bytes)
{
	size_t	less = g->bytes > bytes ? g->bytes - bytes : 0;
	int	i;

	c->bytes -= less;
	g->bytes -= less;
	if (!g->known)
		c->strangers -= less;
	for (i = 0; i < CROWD_LEVELS; i++)
		if (g->holders[i] != NULL)
			g->holders[i]->bytes -= less;
}

void
crowd_leave(struct crowd *c, struct crowd_guest *g)
{
	crowd_end(c, g);
	crowd_keep(c, g, 0);
	holders_quit(c, g);
	g->connected = false;
}

size_t
crowd_bytes(const struct crowd *c)
{
	return (c->bytes);
}
