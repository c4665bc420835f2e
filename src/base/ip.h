/*
 * IP addresses and networks. An IPv4 address is kept as its IPv4-mapped IPv6
 * address (::ffff:0:0/96; RFC 4291 section 2.5.5.2), so that a client has the
 * same address whatever the socket that it came through. Pure.
 */
#ifndef BASE_IP_H
#define BASE_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IP_TEXT		46	/* bytes of a text with its NUL */
#define IP_NETWORKS_MAX	64

struct ip {
	uint8_t	b[16];		/* network byte order */
};

struct ip_network {
	struct ip	ip;
	unsigned	bits;	/* of the IPv6 form, 0 to 128 */
};

struct ip_networks {
	struct ip_network	list[IP_NETWORKS_MAX];
	size_t			n;
};

/* From the four or sixteen bytes of an address. */
struct ip	ip_of_v4(const void *bytes);
struct ip	ip_of_v6(const void *bytes);
/* Reads n bytes as an IPv4 or IPv6 address without port, brackets or zone.
 * Returns false when they are none. */
bool	ip_parse(const char *s, size_t n, struct ip *);
/* Writes the address; IPv4 as dotted decimals. */
void	ip_text(const struct ip *, char out[IP_TEXT]);
/* Returns the first address of the network that one subscriber or office has:
 * /24 of IPv4, also IPv4-mapped, /64 of IPv6 (RFC 6177 section 2). */
struct ip	ip_neighbourhood(const struct ip *);

/*
 * Reads addresses and networks in prefix notation (192.0.2.0/24,
 * 2001:db8::/32), separated by commas or blanks; none is valid. Returns false
 * on an error and sets *why to a sentence that the caller frees. Bits behind
 * the prefix must be 0, as 10.0.0.1/8 may be meant as the address.
 */
bool	ip_networks_parse(struct ip_networks *, const char *s, char **why);
/* Returns whether a network contains the address. */
bool	ip_networks_have(const struct ip_networks *, const struct ip *);

#endif
