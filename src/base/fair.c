/*
 * The fair queue, see fair.h: a tree of groups. The root has a group for each
 * kind, that one for each customer, that one for each person with items that
 * wait or hold a slot. A group that has something to serve, and holds fewer
 * slots than it may, is in the list `ready` of its parent, whose head is next.
 */
#include <stdlib.h>
#include <string.h>

#include "base/fair.h"
#include "base/log.h"

#define BUCKETS	256	/* of the table of groups */

enum { ALL, KIND, CUSTOMER, PERSON };

TAILQ_HEAD(items, fair_item);
TAILQ_HEAD(groups, fair_group);

struct fair_group {
	struct fair_group	*parent;	/* NULL: the root */
	int			 level;
	uint64_t		 id;		/* within the parent */
	size_t			 waiting;	/* items, below too */
	unsigned		 running;	/* slots held, below too */
	unsigned		 slots;		/* limit of running; 0: none */
	bool			 ready;		/* is in the parent's list */
	struct items		 items;		/* of a person, oldest first */
	struct groups		 readies;	/* the first is next */
	struct groups		 groups;	/* all of them */
	TAILQ_ENTRY(fair_group)	 turn;		/* in readies */
	TAILQ_ENTRY(fair_group)	 sibling;	/* in groups */
	struct fair_group	*chain;		/* in a bucket */
};

struct fair {
	struct fair_limits	 limits;
	struct fair_group	 root;
	struct items		 ages;		/* that wait, oldest first */
	struct fair_group	*table[BUCKETS];
};

/* --- keys ----------------------------------------------------------------- */

static uint64_t
id_of(const char *text)
{
	return (text == NULL ? 0 : strtoull(text, NULL, 10));
}

uint64_t
fair_id(const char *text)
{
	uint64_t	h = 0xcbf29ce484222325;

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * 0x100000001b3;
	return (h);
}

struct fair_key
fair_customer(const char *customer, const char *person)
{
	return ((struct fair_key) { FAIR_CUSTOMER, id_of(customer),
	    id_of(person) });
}

struct fair_key
fair_known(const char *person)
{
	return ((struct fair_key){ FAIR_KNOWN, id_of(person), 0 });
}

/* Of IPv6 the first eight bytes name the network; of an IPv4-mapped address
 * they are 0, and the last eight do. */
struct fair_key
fair_stranger(const struct ip *ip)
{
	struct ip	network = ip_neighbourhood(ip);
	uint64_t	high, low;

	memcpy(&high, network.b, sizeof(high));
	memcpy(&low, network.b + sizeof(high), sizeof(low));
	return ((struct fair_key) { FAIR_STRANGER, high == 0 ? low : high,
	    0 });
}

struct fair_key
fair_session(const struct fair_key *network, const char *hash)
{
	return ((struct fair_key) { FAIR_SESSION, network->customer,
	    fair_id(hash) });
}

/* --- groups --------------------------------------------------------------- */

static size_t
bucket_of(const struct fair_group *parent, uint64_t id)
{
	uint64_t	h = (uint64_t)(uintptr_t)parent / 64 + id;

	h *= 0x9e3779b97f4a7c15;	/* 2^64 / the golden ratio (Knuth) */
	return ((size_t)(h >> 56) % BUCKETS);
}

static void
group_init(struct fair_group *g, struct fair_group *parent, uint64_t id)
{
	memset(g, 0, sizeof(*g));
	g->parent = parent;
	g->level = parent == NULL ? ALL : parent->level + 1;
	g->id = id;
	TAILQ_INIT(&g->items);
	TAILQ_INIT(&g->readies);
	TAILQ_INIT(&g->groups);
}

/* Strangers are bounded together, and so are look-ups of sessions; the
 * program's own work is not. */
static unsigned
slots_of(const struct fair *f, int level, const struct fair_key *k)
{
	if (k->kind == FAIR_SYSTEM)
		return (0);
	switch (level) {
	case KIND:
		return (k->kind == FAIR_STRANGER || k->kind == FAIR_SESSION ?
		    f->limits.kind_slots : 0);
	case CUSTOMER:
		return (f->limits.customer_slots);
	default:
		return (k->person != 0 ? f->limits.person_slots : 0);
	}
}

static struct fair_group *
group_find(const struct fair *f, const struct fair_group *parent, uint64_t id)
{
	struct fair_group	*g = f->table[bucket_of(parent, id)];

	while (g != NULL && (g->parent != parent || g->id != id))
		g = g->chain;
	return (g);
}

static struct fair_group *
group_get(struct fair *f, struct fair_group *parent, uint64_t id,
    const struct fair_key *k)
{
	struct fair_group	**at = &f->table[bucket_of(parent, id)], *g;

	if ((g = group_find(f, parent, id)) != NULL)
		return (g);
	if ((g = malloc(sizeof(*g))) == NULL)
		log_fatal("event=out_of_memory");
	group_init(g, parent, id);
	g->slots = slots_of(f, g->level, k);
	g->chain = *at;
	*at = g;
	TAILQ_INSERT_TAIL(&parent->groups, g, sibling);
	return (g);
}

static struct fair_group *
group_of_key(struct fair *f, const struct fair_key *k)
{
	struct fair_group	*g;

	g = group_get(f, &f->root, (uint64_t)k->kind, k);
	g = group_get(f, g, k->customer, k);
	return (group_get(f, g, k->person, k));
}

static void
group_free(struct fair *f, struct fair_group *g)
{
	struct fair_group	**at = &f->table[bucket_of(g->parent, g->id)];

	while (*at != g)
		at = &(*at)->chain;
	*at = g->chain;
	TAILQ_REMOVE(&g->parent->groups, g, sibling);
	free(g);
}

static bool
group_full(const struct fair_group *g)
{
	return (g->slots > 0 && g->running >= g->slots);
}

/* Puts a group into its parent's list or takes it out; then the parent. Frees
 * groups that are empty. */
static void
groups_settle(struct fair *f, struct fair_group *g)
{
	struct fair_group	*parent;
	bool			 ready;

	for (; (parent = g->parent) != NULL; g = parent) {
		ready = !group_full(g) && (!TAILQ_EMPTY(&g->items) ||
		    !TAILQ_EMPTY(&g->readies));
		if (ready && !g->ready)
			TAILQ_INSERT_TAIL(&parent->readies, g, turn);
		else if (!ready && g->ready)
			TAILQ_REMOVE(&parent->readies, g, turn);
		g->ready = ready;
		if (g->waiting == 0 && g->running == 0)
			group_free(f, g);
	}
}

static void
count_waiting(struct fair_group *g, size_t by)
{
	for (; g != NULL; g = g->parent)
		g->waiting += by;
}

static void
count_running(struct fair_group *g, unsigned by)
{
	for (; g != NULL; g = g->parent)
		g->running += by;
}

/* --- items ---------------------------------------------------------------- */

struct fair_limits
fair_limits(unsigned slots, size_t customer)
{
	unsigned	most = slots > 1 ? slots - 1 : slots;

	return ((struct fair_limits) { .total = 4 * customer,
	    .customer = customer, .slots = slots, .kind_slots = most,
	    .customer_slots = most, .person_slots = most });
}

struct fair *
fair_new(const struct fair_limits *limits)
{
	struct fair	*f;

	if ((f = calloc(1, sizeof(*f))) == NULL)
		log_fatal("event=out_of_memory");
	f->limits = *limits;
	group_init(&f->root, NULL, 0);
	f->root.slots = limits->slots;
	TAILQ_INIT(&f->ages);
	return (f);
}

/* Takes an item off the lists of what waits; its group may be empty then. */
static void
item_unlink(struct fair *f, struct fair_item *i)
{
	TAILQ_REMOVE(&i->group->items, i, order);
	TAILQ_REMOVE(&f->ages, i, age);
	count_waiting(i->group, (size_t)-1);
	i->waiting = false;
}

void
fair_remove(struct fair *f, struct fair_item *i)
{
	struct fair_group	*g = i->group;

	item_unlink(f, i);
	i->group = NULL;
	groups_settle(f, g);
}

/* Returns the child that waits with the most; of equals, the one on the path to
 * the group own. */
static struct fair_group *
longest(const struct fair_group *g, struct fair_group *own)
{
	struct fair_group	*most, *child;

	while (own != NULL && own->parent != g)
		own = own->parent;
	most = own;
	TAILQ_FOREACH(child, &g->groups, sibling)
		if (most == NULL || child->waiting > most->waiting)
			most = child;
	return (most);
}

/* Removes the newest item of whoever waits with the most below g. */
static struct fair_item *
displace(struct fair *f, const struct fair_group *g, struct fair_group *own)
{
	struct fair_item	*i;

	while (g->level != PERSON)
		g = longest(g, own);
	i = TAILQ_LAST(&g->items, items);
	fair_remove(f, i);
	return (i);
}

/* Puts an item among those of its person. Items of nobody in particular, which
 * may be of many, keep their order. */
static void
person_add(struct fair_group *g, struct fair_item *i)
{
	struct fair_item	*next = NULL;

	if (i->soon && i->key.person != 0)
		TAILQ_FOREACH(next, &g->items, order)
			if (!next->soon)
				break;
	if (next != NULL)
		TAILQ_INSERT_BEFORE(next, i, order);
	else
		TAILQ_INSERT_TAIL(&g->items, i, order);
}

struct fair_item *
fair_add(struct fair *f, struct fair_item *i)
{
	struct fair_group	*g = group_of_key(f, &i->key);

	i->group = g;
	i->waiting = true;
	person_add(g, i);
	TAILQ_INSERT_TAIL(&f->ages, i, age);
	count_waiting(g, 1);
	groups_settle(f, g);
	if (f->limits.customer > 0 && i->key.kind != FAIR_SYSTEM &&
	    g->parent->waiting > f->limits.customer)
		return (displace(f, g->parent, g));
	if (f->limits.total > 0 && f->root.waiting > f->limits.total)
		return (displace(f, &f->root, g));
	return (NULL);
}

static struct fair_item *
group_next(const struct fair_group *g,
    bool (*may)(void *, const struct fair_key *), void *arg)
{
	struct fair_group	*child;
	struct fair_item	*i;
	struct fair_key		 k;

	if (g->level == PERSON)
		return (TAILQ_FIRST(&g->items));
	TAILQ_FOREACH(child, &g->readies, turn) {
		k = (struct fair_key){ (enum fair_kind)g->id, child->id, 0 };
		if (child->level == CUSTOMER && may != NULL && !may(arg, &k))
			continue;
		if ((i = group_next(child, may, arg)) != NULL)
			return (i);
	}
	return (NULL);
}

/* Puts the groups of an item that is served behind the others. */
static void
groups_rotate(struct fair_group *g)
{
	for (; g->parent != NULL; g = g->parent)
		if (g->ready) {
			TAILQ_REMOVE(&g->parent->readies, g, turn);
			TAILQ_INSERT_TAIL(&g->parent->readies, g, turn);
		}
}

struct fair_item *
fair_take(struct fair *f, bool (*may)(void *, const struct fair_key *),
    void *arg)
{
	struct fair_item	*i;

	if (group_full(&f->root) ||
	    (i = group_next(&f->root, may, arg)) == NULL)
		return (NULL);
	item_unlink(f, i);
	count_running(i->group, 1);
	groups_rotate(i->group);
	groups_settle(f, i->group);
	return (i);
}

bool
fair_hold(struct fair *f, struct fair_item *i)
{
	struct fair_group	*own = group_of_key(f, &i->key), *g;

	for (g = own; g != NULL && !group_full(g); g = g->parent)
		continue;
	i->group = g == NULL ? own : NULL;
	i->waiting = false;
	if (g == NULL)
		count_running(own, 1);
	groups_settle(f, own);
	return (g == NULL);
}

bool
fair_full(const struct fair *f)
{
	return (group_full(&f->root));
}

void
fair_end(struct fair *f, struct fair_item *i)
{
	struct fair_group	*g = i->group;

	count_running(g, (unsigned)-1);
	i->group = NULL;
	groups_settle(f, g);
}

struct fair_item *
fair_oldest(const struct fair *f)
{
	return (TAILQ_FIRST(&f->ages));
}

size_t
fair_waiting(const struct fair *f)
{
	return (f->root.waiting);
}

size_t
fair_waiting_of(const struct fair *f, const struct fair_key *k, size_t *person)
{
	const struct fair_group	*g, *customer = NULL;

	if ((g = group_find(f, &f->root, (uint64_t)k->kind)) != NULL)
		customer = group_find(f, g, k->customer);
	g = customer == NULL ? NULL : group_find(f, customer, k->person);
	*person = g == NULL ? 0 : g->waiting;
	return (customer == NULL ? 0 : customer->waiting);
}

size_t
fair_share(const struct fair_item *i)
{
	const struct fair_group	*customer = i->group->parent;

	return (customer->waiting + customer->running);
}
