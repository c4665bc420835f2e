/*
 * A fair queue in front of something scarce: threads, connections, slots. The
 * next one served is that of the next kind of caller, in it of the next
 * customer, in it of the next person, in it the oldest (round robin on each
 * level). Nobody holds more than a bounded part of what is shared out, so that
 * there is always some left for the next customer. Pure; not for two threads at
 * once. The calls cost the same with any number of customers, except
 * fair_take() with may(), which passes over each customer that may not, and
 * fair_add() at a limit, which looks for the one with the most.
 */
#ifndef BASE_FAIR_H
#define BASE_FAIR_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"

enum fair_kind {
	FAIR_SYSTEM,	/* the program's own work */
	FAIR_CUSTOMER,	/* people who are signed in */
	FAIR_STRANGER,	/* anyone else, by network */
	FAIR_KNOWN,	/* browsers that signed in before, by person */
	FAIR_SESSION	/* sessions not seen yet, by network */
};

/* Whose an item is. */
struct fair_key {
	enum fair_kind	kind;
	uint64_t	customer;	/* or the network; 0: none */
	uint64_t	person;		/* within the customer; 0: none */
};

/* Keys from ids as decimal text; NULL or "" is none. */
struct fair_key	fair_customer(const char *customer, const char *person);
struct fair_key	fair_known(const char *person);
/* A number for a text, the same for the same text: FNV-1a, 64 bits. */
uint64_t	fair_id(const char *text);
/* Key of the network of an address, see ip_neighbourhood(). */
struct fair_key	fair_stranger(const struct ip *);
/* Key for the look-up of a session, of the hash of its token and the key of its
 * network: anybody can send a token, but few send many. */
struct fair_key	fair_session(const struct fair_key *network, const char *hash);

struct fair_group;

/* Part of what waits; its owner keeps it until it is out of the queue, and, if
 * it was served, until fair_end(). */
struct fair_item {
	struct fair_key		 key;	/* set by the caller */
	struct fair_group	*group;	/* used by the queue, or NULL */
	bool			 waiting;
	bool			 soon;	/* set by the caller: before its
					 * person's others that are not */
	TAILQ_ENTRY(fair_item) order;	/* its person's */
	TAILQ_ENTRY(fair_item) age;	/* all */
};

/* Limits; 0 is none. */
struct fair_limits {
	size_t		total;		/* waiting */
	size_t		customer;	/* waiting, of a customer or network */
	unsigned	slots;		/* held at once, by all */
	unsigned	kind_slots;	/* by strangers, or look-ups of
					 * sessions, together */
	unsigned	customer_slots;	/* by one customer or network */
	unsigned	person_slots;	/* by one person */
};
/* Limits for a number of slots: one customer, or all strangers together, hold
 * at most all but one; the total waiting is four times that of one customer. */
struct fair_limits	fair_limits(unsigned slots, size_t customer);

struct fair;

/* Returns a new queue; ends the process without memory. Never freed. */
struct fair		*fair_new(const struct fair_limits *);
/*
 * Adds an item. Returns NULL; or, when a limit of what waits is passed, the
 * item that is out of the queue instead: the newest one of whoever waits with
 * the most, within the customer or, at the limit for all, of all. That is the
 * added item itself unless another's share is greater.
 */
struct fair_item	*fair_add(struct fair *, struct fair_item *);
/*
 * Takes the next item that may be served; it then holds a slot. Returns NULL
 * when there is none, or all that wait belong to those who hold as many slots
 * as they may. may, unless it is NULL, is called with the key of each customer
 * whose turn it is; false passes that customer over.
 */
struct fair_item	*fair_take(struct fair *,
			    bool (*may)(void *arg, const struct fair_key *),
			    void *arg);
/* Gives an item that is not in the queue a slot at once. Returns false when its
 * limits or the slots are used up. */
bool			 fair_hold(struct fair *, struct fair_item *);
/* Returns whether all slots are held. */
bool			 fair_full(const struct fair *);
/* Gives back the slot of an item. */
void			 fair_end(struct fair *, struct fair_item *);
/* Removes an item that waits. */
void			 fair_remove(struct fair *, struct fair_item *);
/* Returns the item that waits the longest, or NULL. */
struct fair_item	*fair_oldest(const struct fair *);
/* Returns how many wait; how many of them are the customer's of a key, and the
 * person's; and how many of the customer's of an item in the queue wait or hold
 * a slot. */
size_t			 fair_waiting(const struct fair *);
size_t			 fair_waiting_of(const struct fair *,
			    const struct fair_key *, size_t *person);
size_t			 fair_share(const struct fair_item *);

#endif
