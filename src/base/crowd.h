/*
 * What unknown clients ("strangers") of a worker hold, by their network, and
 * the bytes that all clients hold: connections, unfinished requests, and bytes
 * of heads and bodies. A client that is known counts by its customer and its
 * person instead of its network. Pure.
 */
#ifndef BASE_CROWD_H
#define BASE_CROWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"

struct crowd_limits {
	size_t		 bytes;		/* of all; large bodies: 3/4 of it */
	size_t		 strangers;	/* bytes of all strangers */
	size_t		 network;	/* bytes of a network's strangers */
	size_t		 customer;	/* bytes of a customer's people */
	size_t		 person;	/* bytes of a person's */
	unsigned	 connections;	/* of a network's strangers */
	unsigned	 unfinished;	/* requests, likewise */
};

/* Who holds: a network's strangers, a customer, a person. */
enum crowd_level {
	CROWD_BY_NETWORK,
	CROWD_BY_CUSTOMER,
	CROWD_BY_PERSON,
	CROWD_LEVELS
};

/* One connection. Begin with a zeroed struct. */
struct crowd_guest {
	struct crowd_holder	*holders[CROWD_LEVELS];	/* NULL: not counted */
	size_t			 bytes;
	bool			 connected;	/* counts as a connection */
	bool			 unfinished;	/* a head or a body */
	bool			 known;
};

/* Result of a request for more: granted, or what has no room (HOLDER: the
 * network, customer or person). */
enum crowd_room { CROWD_OK, CROWD_HOLDER, CROWD_WORKER };

struct crowd;

struct crowd	*crowd_new(const struct crowd_limits *);
/* The caller has called crowd_leave() for every guest. */
void		 crowd_free(struct crowd *);
/* Returns whether the network of ip_neighbourhood() has as many connections as
 * it may have. */
bool		 crowd_full(const struct crowd *, const struct ip *network);
/* Counts a guest in a network, instead of the one before; connected: its
 * connection too. Does nothing for a known guest. */
void		 crowd_join(struct crowd *, struct crowd_guest *,
		    const struct ip *network, bool connected);
/* The guest has a living session: from now on it counts for this customer and
 * person (ids), not for a network or for whom it counted before. */
void		 crowd_know(struct crowd *, struct crowd_guest *,
		    uint64_t customer, uint64_t person);
/* Connections of a known guest's person. */
unsigned	 crowd_connections(const struct crowd_guest *);
/* Returns whether a known guest's person has more connections than another's;
 * of equals, whether its customer has. */
bool		 crowd_more(const struct crowd_guest *,
		    const struct crowd_guest *);
/* The guest is a stranger again, in no network. */
void		 crowd_forget(struct crowd *, struct crowd_guest *);
/* Counts an unfinished request of the guest; counts it once. */
enum crowd_room	 crowd_begin(struct crowd *, struct crowd_guest *);
void		 crowd_end(struct crowd *, struct crowd_guest *);
/* Adds bytes to those of the guest; large: for a large body. */
enum crowd_room	 crowd_hold(struct crowd *, struct crowd_guest *, size_t more,
		    bool large);
/* Lowers the bytes of the guest to bytes; does not raise them. */
void		 crowd_keep(struct crowd *, struct crowd_guest *, size_t bytes);
/* The connection of the guest ends. */
void		 crowd_leave(struct crowd *, struct crowd_guest *);
/* Bytes of all guests. */
size_t		 crowd_bytes(const struct crowd *);

#endif
