/*
 * A filter between TLS and Kore's HTTP parser. It passes to Kore one rewritten
 * request head at a time with exactly its body, which it collects before, and
 * itself replies to requests that gate_parse() rejects, or that are more than a
 * stranger or a worker may hold. It replaces two functions with the linker's
 * --wrap: kore_tls_read, net_recv_reset.
 */
#ifndef SERVER_GATE_H
#define SERVER_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"

#define HEALTH_REQUESTS	16	/* requests of Kore kept for health checks */

struct connection;
struct settings;

/*
 * Call it once in each worker. body_max returns the maximum of bytes in the
 * body of a request; path is the target without the query, not
 * NUL-terminated. Further requests than worker_requests get 503, health checks
 * excepted.
 */
void	gate_configure(size_t (*body_max)(const char *method,
	    const char *path, size_t path_len), const struct settings *);

/* The client of the request that Kore has from the connection. */
struct gate_client {
	struct ip	ip;
	char		request_id[65];	/* a trusted proxy's, or "" */
};
const struct gate_client	*gate_client(struct connection *);

/* Before TLS, when the peer is known: makes room for the connection. Returns
 * false when there is none. */
bool	gate_admit(struct connection *);
/* TLS has begun: counts the connection. */
void	gate_arrived(struct connection *);

/*
 * Kore has the head of a request whose body the gate reads only if the session
 * and its right allow that: gate_checks() returns true. The router then either
 * replies as always, and request_send() calls gate_turned_away() after it has
 * queued the response, or calls gate_checked(), and Kore gets the request again
 * when its body is complete.
 */
bool	gate_checks(struct connection *);
void	gate_checked(struct connection *);
void	gate_turned_away(struct connection *);
/* The client of the request has a living session, of this customer and person
 * (ids); or it has none. */
void	gate_known(struct connection *, uint64_t customer, uint64_t person);
void	gate_unknown(struct connection *);

#endif
