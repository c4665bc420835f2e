/*
 * The client's address in the header fields of trusted proxies: Forwarded (RFC
 * 7239) and X-Forwarded-For. Each proxy adds at the right the address that it
 * was reached from, so the client is the rightmost address that is no trusted
 * proxy; what stands to the left of it may be invented. Pure.
 */
#ifndef SERVER_FORWARDED_H
#define SERVER_FORWARDED_H

#include "base/ip.h"

struct forwarded {
	struct ip	ip;	/* set if known */
	bool		known;	/* false: no field names an address */
};

/*
 * Reads one field line; call it for the lines from top to bottom, beginning
 * with a zeroed struct. An element that is no address (RFC 7239 section 6:
 * "unknown" and obfuscated names) ends the search, and the proxy to the right
 * of it counts as the client. Returns false when a Forwarded line is
 * malformed: a quote that a client left open would hide what the proxy added.
 */
bool	forwarded_read(struct forwarded *, const struct ip_networks *trusted,
	    const char *value, size_t n);
void	forwarded_for_read(struct forwarded *,
	    const struct ip_networks *trusted, const char *value, size_t n);

#endif
