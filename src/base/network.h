/* The network of an IP address, for throttling and the log: /24 of IPv4, /64
 * of IPv6. */
#ifndef BASE_NETWORK_H
#define BASE_NETWORK_H

#include "base/arena.h"

/*
 * Returns the network in the arena: "203.0.113.9" gives "203.0.113.0/24". An
 * IPv4-mapped IPv6 address (::ffff:0:0/96; RFC 4291, section 2.5.5.2) counts as
 * IPv4. Returns a text that is no address unchanged.
 */
const char	*network_of(struct arena *a, const char *address);

#endif
