/*
 * A filter between TLS and Kore's HTTP parser. It passes to Kore one rewritten
 * request head at a time, then exactly its body, and itself replies to
 * requests that gate_parse() rejects. It replaces two functions with the
 * linker's --wrap: kore_tls_read, net_recv_reset.
 */
#ifndef SERVER_GATE_H
#define SERVER_GATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"

/*
 * Call it once in each worker. body_max returns the maximum of bytes in the
 * body of a request; path is the target without the query, not
 * NUL-terminated. request_limit is the maximum of requests in progress;
 * further ones get 503.
 */
void	gate_configure(size_t (*body_max)(const char *method,
	    const char *path, size_t path_len), uint32_t request_limit);

/* The client of the request that Kore has from the connection. */
struct connection;
struct gate_client {
	struct ip	ip;
	char		request_id[65];	/* a trusted proxy's, or "" */
};
const struct gate_client	*gate_client(struct connection *);

#endif
