/*
 * Trusted proxies; see proxy.h. The header of the PROXY protocol is looked at
 * in the kernel's buffer until it is whole and then taken out of it, so that
 * no state is kept before TLS. Kore's idle timer of handshakes limits the wait.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <kore/kore.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/why.h"
#include "server/gate.h"
#include "server/gate_parse.h"
#include "server/forwarded.h"
#include "server/proxy.h"
#include "server/proxy_parse.h"

#define LOG_MS	60000

int	__real_kore_tls_connection_accept(struct connection *);
int	__wrap_kore_tls_connection_accept(struct connection *);

static struct ip_networks	trusted;
static const char		*listen_host;
static char			listen_port[8];	/* "": no such listener */
static int			tls_index = -1;	/* ex data: TLS at the proxy */

static struct {
	unsigned long long	peers;		/* connections of others */
	unsigned long long	headers;	/* malformed PROXY headers */
	unsigned long long	ignored;	/* forwarding by others */
	unsigned long long	conflicts;	/* ambiguous forwarding */
} counted, logged;

const char *
proxy_address(const struct settings *s)
{
	return (s->proxy_listen[0] != '\0' ? s->proxy_listen : s->listen);
}

bool
proxy_configure(const struct settings *s, char **why)
{
	char	*wrong = NULL;

	if (!ip_networks_parse(&trusted, s->trusted_proxies, &wrong)) {
		(void)why_not(why, "trusted_proxies: %s", wrong);
		free(wrong);
		return (false);
	}
	if (s->proxy_port == 0)
		return (s->proxy_listen[0] == '\0' || why_not(why,
		    "proxy_listen without proxy_port: no port to listen on"));
	if (trusted.n == 0)
		return (why_not(why, "proxy_port without trusted_proxies: "
		    "every connection to that port would be closed"));
	if (s->proxy_port == s->port)
		return (why_not(why, "proxy_port must be another port than "
		    "that of port"));
	listen_host = proxy_address(s);
	snprintf(listen_port, sizeof(listen_port), "%lld",
	    (long long)s->proxy_port);
	return (true);
}

void
proxy_log(void)
{
	if (memcmp(&counted, &logged, sizeof(counted)) == 0)
		return;
	logged = counted;
	log_warn("event=proxy connections_refused=%llu headers_refused=%llu "
	    "forwarding_ignored=%llu forwarding_refused=%llu", counted.peers,
	    counted.headers, counted.ignored, counted.conflicts);
}

static void
log_tick(void *arg, u_int64_t now)
{
	(void)arg;
	(void)now;
	proxy_log();
}

void
proxy_start(void)
{
	if ((tls_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL)) == -1)
		log_fatal("event=out_of_memory");
	kore_timer_add(log_tick, LOG_MS, NULL, 0);
}

/* --- connections ---------------------------------------------------------- */

/* The family is that of the address: c->family is not, see below. */
struct ip
proxy_peer(const struct connection *c)
{
	if (c->addr.ipv6.sin6_family == AF_INET6)
		return (ip_of_v6(&c->addr.ipv6.sin6_addr));
	return (ip_of_v4(&c->addr.ipv4.sin_addr));
}

bool
proxy_is_peer(const struct connection *c)
{
	struct ip	ip = proxy_peer(c);

	return (ip_networks_have(&trusted, &ip));
}

bool
proxy_speaks(const struct connection *c)
{
	return (SSL_get_ex_data(c->tls, tls_index) != NULL || proxy_is_peer(c));
}

static bool
on_proxy_port(const struct connection *c)
{
	const struct listener	*l = c->owner;

	return (listen_port[0] != '\0' && l != NULL && l->port != NULL &&
	    strcmp(l->port, listen_port) == 0 &&
	    strcmp(l->host, listen_host) == 0);
}

/* Replaces the address of the connection by that of the client. */
static void
peer_replace(struct connection *c, const struct ip *ip)
{
	memset(&c->addr.ipv6, 0, sizeof(c->addr.ipv6));
	c->addr.ipv6.sin6_family = AF_INET6;
	memcpy(&c->addr.ipv6.sin6_addr, ip->b, sizeof(ip->b));
}

/* Takes the header out of the kernel's buffer once it is whole. */
static int
header_read(struct connection *c, struct proxy_header *h)
{
	uint8_t	buf[PROXY_HEADER_MAX];
	ssize_t	n;

	n = recv(c->fd, buf, sizeof(buf), MSG_PEEK);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return (KORE_RESULT_RETRY);
	if (n <= 0)
		return (KORE_RESULT_ERROR);
	switch (proxy_parse(buf, (size_t)n, h)) {
	case PROXY_OK:
		break;
	case PROXY_MORE:
		return (KORE_RESULT_RETRY);
	default:
		counted.headers++;
		return (KORE_RESULT_ERROR);
	}
	if (recv(c->fd, buf, h->len, 0) != (ssize_t)h->len)
		return (KORE_RESULT_ERROR);
	if (!h->local)
		peer_replace(c, &h->ip);
	return (KORE_RESULT_OK);
}

/* Begins TLS with a peer that is known. */
static int
tls_begin(struct connection *c)
{
	int	result;

	if (!gate_admit(c))
		return (KORE_RESULT_ERROR);
	result = __real_kore_tls_connection_accept(c);
	if (c->tls != NULL)
		gate_arrived(c);
	return (result);
}

/* Reads the header before TLS begins, which makes c->tls. */
static int
proxy_accept(struct connection *c)
{
	struct proxy_header	h;
	int			result;

	if (!proxy_is_peer(c)) {
		counted.peers++;
		return (KORE_RESULT_ERROR);
	}
	if ((result = header_read(c, &h)) == KORE_RESULT_RETRY)
		kore_connection_start_idletimer(c);
	if (result != KORE_RESULT_OK)
		return (result);
	result = tls_begin(c);
	if (h.tls && c->tls != NULL &&
	    SSL_set_ex_data(c->tls, tls_index, &trusted) == 0)
		return (KORE_RESULT_ERROR);
	return (result);
}

int
__wrap_kore_tls_connection_accept(struct connection *c)
{
	/* Only for this family does Kore remove the port of a host name before
	 * it compares Host with the name of TLS. */
	c->family = AF_INET;
	if (c->tls == NULL && on_proxy_port(c))
		return (proxy_accept(c));
	return (c->tls == NULL ? tls_begin(c) :
	    __real_kore_tls_connection_accept(c));
}

/* --- requests ------------------------------------------------------------- */

static bool
same_client(const struct forwarded *a, const struct forwarded *b)
{
	return (a->known == b->known && (!a->known ||
	    memcmp(&a->ip, &b->ip, sizeof(a->ip)) == 0));
}

int
proxy_client(const struct connection *c, const struct gate_head *h,
    struct ip *ip)
{
	struct forwarded	 by_field[2] = { { .known = false } };
	const struct gate_text	*t;
	size_t			 i;
	bool			 seen[2] = { false, false }, sound = true;

	*ip = proxy_peer(c);
	if (h->forwarding_count == 0)
		return (GATE_OK);
	if (!ip_networks_have(&trusted, ip)) {
		counted.ignored++;
		return (GATE_OK);
	}
	if (h->forwarding_count > GATE_FORWARDING_MAX)
		return (431);
	for (i = 0; i < h->forwarding_count; i++) {
		t = &h->forwarding[i].value;
		seen[h->forwarding[i].legacy] = true;
		if (h->forwarding[i].legacy)
			forwarded_for_read(&by_field[1], &trusted, t->s, t->n);
		else
			sound = sound && forwarded_read(&by_field[0], &trusted,
			    t->s, t->n);
	}
	/* Of two fields that disagree, one is the client's own: the proxy sets
	 * the other one only. */
	if (!sound || (seen[0] && seen[1] &&
	    !same_client(&by_field[0], &by_field[1]))) {
		counted.conflicts++;
		return (400);
	}
	if (by_field[seen[1]].known)
		*ip = by_field[seen[1]].ip;
	return (GATE_OK);
}
