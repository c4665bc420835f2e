/* The header of the PROXY protocol, see proxy_parse.h. */
#include <string.h>

#include "server/proxy_parse.h"

#define FIXED		16	/* signature, command, transport, length */
#define COMMAND_LOCAL	0x20	/* version 2 in the upper half */
#define COMMAND_PROXY	0x21
#define TCP_V4		0x11
#define TCP_V6		0x21
#define ADDRESSES_V4	12	/* two addresses, two ports */
#define ADDRESSES_V6	36
#define TYPE_SSL	0x20
#define CLIENT_SSL	0x01	/* first byte of TYPE_SSL */

static const uint8_t	signature[12] = { 0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
    0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a };

/* Reads type, length and value triples. */
static int
tlvs_read(const uint8_t *in, size_t n, struct proxy_header *h)
{
	size_t	length;

	while (n > 0) {
		if (n < 3)
			return (PROXY_BAD);
		length = (size_t)in[1] << 8 | in[2];
		if (length > n - 3)
			return (PROXY_BAD);
		if (in[0] == TYPE_SSL && length > 0)
			h->tls = (in[3] & CLIENT_SSL) != 0;
		in += 3 + length;
		n -= 3 + length;
	}
	return (PROXY_OK);
}

static int
addresses_read(const uint8_t *in, size_t n, struct proxy_header *h)
{
	uint8_t	transport = in[13];

	in += FIXED;
	if (transport == TCP_V4 && n >= ADDRESSES_V4) {
		h->ip = ip_of_v4(in);
		return (tlvs_read(in + ADDRESSES_V4, n - ADDRESSES_V4, h));
	}
	if (transport == TCP_V6 && n >= ADDRESSES_V6) {
		h->ip = ip_of_v6(in);
		return (tlvs_read(in + ADDRESSES_V6, n - ADDRESSES_V6, h));
	}
	return (PROXY_BAD);
}

int
proxy_parse(const uint8_t *in, size_t n, struct proxy_header *h)
{
	size_t	body;

	memset(h, 0, sizeof(*h));
	if (memcmp(in, signature, n < sizeof(signature) ? n :
	    sizeof(signature)) != 0)
		return (PROXY_BAD);
	if (n > 12 && in[12] != COMMAND_LOCAL && in[12] != COMMAND_PROXY)
		return (PROXY_BAD);
	if (n < FIXED)
		return (PROXY_MORE);
	body = (size_t)in[14] << 8 | in[15];
	h->len = FIXED + body;
	if (h->len > PROXY_HEADER_MAX)
		return (PROXY_BAD);
	if (n < h->len)
		return (PROXY_MORE);
	h->local = in[12] == COMMAND_LOCAL;
	/* The receiver ignores the rest of LOCAL (section 2.2). */
	return (h->local ? PROXY_OK : addresses_read(in, body, h));
}
