/* IP addresses and networks, see ip.h. */
#include <arpa/inet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ip.h"
#include "base/text.h"
#include "base/why.h"

#define SEPARATORS	", \t"

static const uint8_t	mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
    0xff };

static bool
is_mapped(const struct ip *ip)
{
	return (memcmp(ip->b, mapped, sizeof(mapped)) == 0);
}

struct ip
ip_of_v4(const void *bytes)
{
	struct ip	ip;

	memcpy(ip.b, mapped, sizeof(mapped));
	memcpy(ip.b + sizeof(mapped), bytes, 4);
	return (ip);
}

struct ip
ip_of_v6(const void *bytes)
{
	struct ip	ip;

	memcpy(ip.b, bytes, sizeof(ip.b));
	return (ip);
}

bool
ip_parse(const char *s, size_t n, struct ip *ip)
{
	char		text[IP_TEXT];
	struct in_addr	v4;

	if (n == 0 || n >= sizeof(text) || memchr(s, '\0', n) != NULL)
		return (false);
	memcpy(text, s, n);
	text[n] = '\0';
	if (inet_pton(AF_INET, text, &v4) == 1) {
		*ip = ip_of_v4(&v4);
		return (true);
	}
	return (inet_pton(AF_INET6, text, ip->b) == 1);
}

void
ip_text(const struct ip *ip, char out[IP_TEXT])
{
	if (is_mapped(ip))
		(void)inet_ntop(AF_INET, ip->b + sizeof(mapped), out, IP_TEXT);
	else
		(void)inet_ntop(AF_INET6, ip->b, out, IP_TEXT);
}

struct ip
ip_neighbourhood(const struct ip *ip)
{
	struct ip	network = *ip;

	if (is_mapped(ip))
		network.b[15] = 0;
	else
		memset(network.b + 8, 0, 8);
	return (network);
}

/* Returns whether both addresses have the same first bits. */
static bool
same_bits(const struct ip *a, const struct ip *b, unsigned bits)
{
	unsigned	whole = bits / 8, rest = bits % 8;
	uint8_t		mask = (uint8_t)(0xff00 >> rest);

	return (memcmp(a->b, b->b, whole) == 0 && (rest == 0 ||
	    ((a->b[whole] ^ b->b[whole]) & mask) == 0));
}

static bool
has_host_bits(const struct ip_network *n)
{
	unsigned	i;

	for (i = n->bits; i < 128; i++)
		if (n->ip.b[i / 8] & (0x80 >> i % 8))
			return (true);
	return (false);
}

/* Reads one address or network. Returns NULL, or what is wrong. */
static const char *
network_read(struct ip_network *net, const char *s, size_t n)
{
	const char	*slash = memchr(s, '/', n);
	char		 digits[4];
	size_t		 length = slash == NULL ? n : (size_t)(slash - s);
	int64_t		 bits, max;

	if (!ip_parse(s, length, &net->ip))
		return ("is neither an IP address nor a network such as "
		    "192.0.2.0/24 or 2001:db8::/32");
	net->bits = 128;
	if (slash == NULL)
		return (NULL);
	max = memchr(s, ':', length) == NULL ? 32 : 128;
	n -= length + 1;
	if (n >= sizeof(digits))
		return ("has a wrong prefix length");
	memcpy(digits, slash + 1, n);
	digits[n] = '\0';
	if (!text_int64(digits, 0, max, &bits))
		return ("has a wrong prefix length");
	net->bits = (unsigned)(bits + 128 - max);
	if (has_host_bits(net))
		return ("is no network: bits behind its prefix are set");
	return (NULL);
}

bool
ip_networks_parse(struct ip_networks *nets, const char *s, char **why)
{
	const char	*wrong;
	size_t		 n;

	for (nets->n = 0; s += strspn(s, SEPARATORS), *s != '\0'; s += n) {
		n = strcspn(s, SEPARATORS);
		wrong = nets->n == IP_NETWORKS_MAX ? "is one too many: 64 is "
		    "the most" : network_read(&nets->list[nets->n], s, n);
		if (wrong != NULL)
			return (why_not(why, "\"%.*s\" %s", (int)n, s, wrong));
		nets->n++;
	}
	return (true);
}

bool
ip_networks_have(const struct ip_networks *nets, const struct ip *ip)
{
	size_t	i;

	for (i = 0; i < nets->n; i++)
		if (same_bits(&nets->list[i].ip, ip, nets->list[i].bits))
			return (true);
	return (false);
}
