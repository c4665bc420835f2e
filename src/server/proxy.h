/*
 * Trusted proxies: who the client of a connection and of a request is. Wraps
 * kore_tls_connection_accept() to read the header of the PROXY protocol on the
 * listener of proxy_port.
 */
#ifndef SERVER_PROXY_H
#define SERVER_PROXY_H

#include "base/ip.h"
#include "base/settings.h"

struct connection;
struct gate_head;

/* Reads trusted_proxies, proxy_listen and proxy_port. Call it before Kore
 * forks. Returns false on an error and sets *why to a sentence that the caller
 * frees. */
bool		 proxy_configure(const struct settings *, char **why);
/* Logs the counters now and then. Call it once in each worker. */
void		 proxy_start(void);
/* Logs the counters if they changed since the last call. */
void		 proxy_log(void);
/* The address of proxy_listen, that of listen when it is empty. */
const char	*proxy_address(const struct settings *);

/* The peer of a connection; on the listener of proxy_port the source that the
 * PROXY header names. */
struct ip	 proxy_peer(const struct connection *);
/* Returns whether that peer is a trusted proxy. */
bool		 proxy_is_peer(const struct connection *);
/* Returns whether a trusted proxy writes the requests of the connection: it is
 * the peer, or the PROXY header says that the client's TLS ends there. */
bool		 proxy_speaks(const struct connection *);
/* Finds the client of a request: the peer; or when the peer is a trusted
 * proxy, who the forwarding fields name. Returns GATE_OK, or the status to
 * refuse the request with. */
int		 proxy_client(const struct connection *,
		    const struct gate_head *, struct ip *);

#endif
