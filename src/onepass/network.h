/* The neighbourhood of an address, for throttling: /24 of IPv4, /64 of IPv6.
 */
#ifndef ONEPASS_NETWORK_H
#define ONEPASS_NETWORK_H

#include "base/arena.h"

/* "203.0.113.9" → "203.0.113.0/24"; an IPv4 address inside IPv6
 * (::ffff:0:0/96) counts as IPv4. What is no address comes back as it is. */
const char	*network_of(struct arena *a, const char *address);

#endif
