/* The network of an IP address, see network.h. */
#include <arpa/inet.h>

#include <string.h>

#include "base/network.h"

static const char *
network4(struct arena *a, const uint8_t *b)
{
	return (arena_printf(a, "%u.%u.%u.0/24", b[0], b[1], b[2]));
}

const char *
network_of(struct arena *a, const char *address)
{
	char		text[INET6_ADDRSTRLEN];
	struct in_addr	v4;
	struct in6_addr	v6;

	if (inet_pton(AF_INET, address, &v4) == 1)
		return (network4(a, (const uint8_t *)&v4));
	if (inet_pton(AF_INET6, address, &v6) != 1)
		return (address);
	if (IN6_IS_ADDR_V4MAPPED(&v6))
		return (network4(a, v6.s6_addr + 12));
	memset(v6.s6_addr + 8, 0, 8);
	inet_ntop(AF_INET6, &v6, text, sizeof(text));
	return (arena_printf(a, "%s/64", text));
}
