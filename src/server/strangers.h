/*
 * Limits of a worker for clients without a living session, by their network
 * (ip_neighbourhood()), and of the bytes of requests that are not answered yet,
 * those of people by their customer and person.
 * Wraps base/crowd.h. A trusted proxy is no stranger: its clients count by
 * their own addresses, and its connections not at all.
 */
#ifndef SERVER_STRANGERS_H
#define SERVER_STRANGERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crowd.h"

struct connection;

/* Call it once in each worker. worker_connections is the setting; guest_of
 * returns the guest of a connection with TLS, or NULL. */
void	strangers_start(int64_t worker_connections,
	    struct crowd_guest *(*guest_of)(struct connection *));
/* Makes room for a connection whose peer is known: closes the oldest
 * connection of a stranger, of the same network when that has too many, which
 * waits for no response; one of a person who has very many before, any
 * person's after all others.
 * Returns false when the network has too many and none to close. */
bool	strangers_admit(struct connection *);
/* Counts the connection itself, unless its peer is a proxy. */
void	strangers_arrived(struct connection *, struct crowd_guest *);
/* The client of the request is known: counts the request of a proxy. */
void	strangers_client(struct connection *, struct crowd_guest *,
	    const struct ip *client);
/* The connection waits for its next request and holds bytes. */
void	strangers_idle(struct connection *, struct crowd_guest *,
	    size_t bytes);
/* A request is not complete yet. Returns 0, or the status to refuse it with. */
int	strangers_unfinished(struct crowd_guest *);
void	strangers_finished(struct crowd_guest *);
/* More bytes for a head or a body. Returns 0, or the status to refuse with. */
int	strangers_hold(struct crowd_guest *, size_t more, bool large);
void	strangers_keep(struct crowd_guest *, size_t bytes);
/* The client has a living session, of this customer and person (ids). */
void	strangers_know(struct crowd_guest *, uint64_t customer,
	    uint64_t person);
/* The client's request has none; an earlier one on the connection may have had
 * one. */
void	strangers_unknow(struct connection *, struct crowd_guest *,
	    const struct ip *client);
void	strangers_leave(struct crowd_guest *);

#endif
