/*
 * The header of the PROXY protocol, version 2, which a proxy sends in front of
 * TLS: https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt, section
 * 2.2. Pure.
 */
#ifndef SERVER_PROXY_PARSE_H
#define SERVER_PROXY_PARSE_H

#include "base/ip.h"

/* Bytes of a header: its fixed part, addresses and TLVs. */
#define PROXY_HEADER_MAX	1024

enum { PROXY_BAD = -1, PROXY_MORE = 0, PROXY_OK = 1 };

struct proxy_header {
	size_t		len;	/* bytes of the header */
	bool		local;	/* the proxy speaks for itself; no ip */
	struct ip	ip;	/* of the client */
	bool		tls;	/* the client's TLS ends at the proxy, so the
				 * proxy writes the requests */
};

/*
 * Reads the n bytes that have arrived so far. Refuses version 1, other
 * versions, transports other than TCP over IPv4 and IPv6, and malformed TLVs;
 * ignores TLVs other than PP2_TYPE_SSL.
 */
int	proxy_parse(const uint8_t *in, size_t n, struct proxy_header *);

#endif
