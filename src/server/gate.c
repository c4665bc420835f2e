/*
 * See gate.h. The state of a connection is in the ex data of its SSL object,
 * so that it is freed with the connection.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <stdbool.h>
#include <stdlib.h>

#include "base/log.h"
#include "server/capacity.h"
#include "server/collect.h"
#include "server/gate_refusal.h"
#include "server/gate_state.h"
#include "server/proxy.h"
#include "server/strangers.h"

#define LINGER_MS	2000	/* time for a client to read a refusal */
#define LINGER_BYTES	1048576	/* maximum that it may send meanwhile */
#define READ_MIN	1024	/* minimum size of a read */
#define FREE_BYTES	(2 * READ_MIN)	/* of a head, which count nowhere */

int	__real_kore_tls_read(struct connection *, size_t *);
int	__wrap_kore_tls_read(struct connection *, size_t *);
void	__real_net_recv_reset(struct connection *, size_t,
	    int (*)(struct netbuf *));
void	__wrap_net_recv_reset(struct connection *, size_t,
	    int (*)(struct netbuf *));

static int		 ex_index = -1;
static size_t		 (*body_max)(const char *, const char *, size_t);
static uint32_t		 request_limit;

static void
gate_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int index, long argl,
    void *argp)
{
	struct gate	*g = ptr;

	(void)parent;
	(void)ad;
	(void)index;
	(void)argl;
	(void)argp;
	if (g != NULL) {
		strangers_leave(&g->guest);
		collect_free(g->collect);
		free(g->buf);
		free(g);
	}
}

/* The guest of a connection; NULL before gate_of(). */
static struct crowd_guest *
guest_of(struct connection *c)
{
	struct gate	*g = SSL_get_ex_data(c->tls, ex_index);

	return (g == NULL ? NULL : &g->guest);
}

void
gate_configure(size_t (*max)(const char *, const char *, size_t),
    const struct settings *s)
{
	body_max = max;
	request_limit = (uint32_t)s->worker_requests;
	strangers_start(capacity_connections(s), guest_of);
	ex_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, gate_free);
	if (ex_index == -1)
		log_fatal("event=tls_failed why=\"no ex data index\"");
}

struct gate *
gate_of(struct connection *c)
{
	struct gate	*g;

	if ((g = SSL_get_ex_data(c->tls, ex_index)) == NULL) {
		if ((g = calloc(1, sizeof(*g))) == NULL ||
		    SSL_set_ex_data(c->tls, ex_index, g) == 0)
			log_fatal("event=out_of_memory");
		g->client.ip = proxy_peer(c);
		strangers_arrived(c, &g->guest);
	}
	return (g);
}

bool
gate_admit(struct connection *c)
{
	return (strangers_admit(c));
}

void
gate_arrived(struct connection *c)
{
	(void)gate_of(c);
}

const struct gate_client *
gate_client(struct connection *c)
{
	return (&gate_of(c)->client);
}

int
gate_read(struct connection *c, void *buf, size_t room, size_t *n)
{
	struct netbuf	*nb = c->rnb;
	u_int8_t	*kore_buf = nb->buf;
	size_t		 s_off = nb->s_off, b_len = nb->b_len;
	int		 result;

	nb->buf = buf;
	nb->s_off = 0;
	nb->b_len = room;
	*n = 0;
	result = __real_kore_tls_read(c, n);
	nb->buf = kore_buf;
	nb->s_off = s_off;
	nb->b_len = b_len;
	return (result);
}

bool
gate_full(void)
{
	return (http_request_count >= request_limit);
}

void
gate_pass_head(struct connection *c, const char *head, size_t n)
{
	struct netbuf	*nb = c->rnb;

	kore_free(nb->buf);
	nb->buf = kore_malloc(n);
	nb->b_len = nb->m_len = n;
	nb->s_off = 0;
	memcpy(nb->buf, head, n);
}

void
gate_consume(struct gate *g, size_t n)
{
	g->len -= n;
	memmove(g->buf, g->buf + n, g->len);
}

/* Ends the TLS session and shuts down sending. Closing a socket with unread
 * bytes would reset the connection before the client read the reply. */
static void
gate_shut(struct connection *c)
{
	if ((SSL_get_shutdown(c->tls) & SSL_SENT_SHUTDOWN) == 0) {
		(void)SSL_shutdown(c->tls);
		(void)shutdown(c->fd, SHUT_WR);
	}
}

/* Discards what arrives until the client has read the response. */
static void
gate_linger(struct connection *c, struct gate *g)
{
	collect_free(g->collect);
	g->collect = NULL;
	free(g->buf);
	g->buf = NULL;
	g->len = g->cap = 0;
	strangers_finished(&g->guest);
	strangers_keep(&g->guest, 0);
	g->state = LINGER;
	g->lingered = 0;
	g->linger_until = kore_time_ms() + LINGER_MS;
	c->http_timeout = 0;
	c->idle_timer.length = LINGER_MS;
}

int
gate_refuse(struct connection *c, struct gate *g, const struct gate_head *h,
    int status)
{
	gate_refusal(c, h, status, &g->client.ip);
	gate_linger(c, g);
	c->evt.flags &= ~KORE_EVENT_READ;
	if (!net_send_flush(c))
		return (KORE_RESULT_ERROR);
	if (TAILQ_EMPTY(&c->send_queue))
		gate_shut(c);
	return (KORE_RESULT_OK);
}

/* Maximum size of the body of a request. */
static size_t
head_body_max(const struct gate_head *h)
{
	const char	*query = memchr(h->target, '?', h->target_len);

	return (body_max(h->method, h->target, query == NULL ?
	    h->target_len : (size_t)(query - h->target)));
}

/* Returns whether it is a health check, which has requests of its own: Kore
 * takes HEALTH_REQUESTS more than request_limit. */
static bool
head_is_health(const struct gate_head *h)
{
	static const char *const	paths[] = { "/healthz", "/readyz" };
	size_t				i;

	if (strcmp(h->method, "GET") != 0 && strcmp(h->method, "HEAD") != 0)
		return (false);
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (h->target_len == strlen(paths[i]) &&
		    memcmp(h->target, paths[i], h->target_len) == 0)
			return (true);
	return (false);
}

/* Returns the status to refuse a well-formed head with, or 0. */
static int
head_refusal(const struct connection *c, const struct gate_head *h)
{
	size_t		 host_len = h->host_len;

	if (c->tls_sni != NULL) {
		while (host_len > 0 && h->host[host_len - 1] >= '0' &&
		    h->host[host_len - 1] <= '9')
			host_len--;
		host_len = host_len > 0 && h->host[host_len - 1] == ':' ?
		    host_len - 1 : h->host_len;
		if (strlen(c->tls_sni) != host_len ||
		    strncasecmp(c->tls_sni, h->host, host_len) != 0)
			return (421);
	}
	if (http_request_count >= request_limit + (head_is_health(h) ?
	    HEALTH_REQUESTS : 0))
		return (503);
	if (h->body_len > 0 && h->body_len > head_body_max(h))
		return (413);
	return (0);
}

/* Keeps the client and the request id of a head. */
static int
head_client(struct connection *c, struct gate *g, const struct gate_head *h)
{
	int	status;

	g->client.request_id[0] = '\0';
	if (proxy_speaks(c))
		memcpy(g->client.request_id, h->request_id,
		    sizeof(h->request_id));
	if ((status = proxy_client(c, h, &g->client.ip)) == GATE_OK)
		strangers_client(c, &g->guest, &g->client.ip);
	return (status);
}

/* Handles a complete head; out has the rewritten head for Kore. */
static int
head_done(struct connection *c, struct gate *g, const struct gate_head *h,
    char *out, size_t *bytes)
{
	int	status;

	if ((status = head_client(c, g, h)) != GATE_OK ||
	    (status = head_refusal(c, h)) != 0)
		return (gate_refuse(c, g, h, status));
	if (h->body_len > 0 || h->chunked)
		return (gate_body_start(c, g, h, out, head_body_max(h), bytes));
	strangers_finished(&g->guest);
	gate_consume(g, h->in_len);
	gate_pass_head(c, out, h->out_len);
	g->state = SERVING;
	*bytes = h->out_len;
	return (KORE_RESULT_OK);
}

/* Bytes of the buffer that count. */
static size_t
buffer_bytes(const struct gate *g)
{
	return (g->cap > FREE_BYTES ? g->cap - FREE_BYTES : 0);
}

int
gate_make_room(struct gate *g)
{
	size_t	cap = g->cap == 0 ? FREE_BYTES : g->cap * 2;
	int	status;

	if (g->cap - g->len >= READ_MIN)
		return (0);
	if (cap > GATE_HEAD_MAX + 2 * READ_MIN)
		cap = GATE_HEAD_MAX + 2 * READ_MIN;
	if (cap > FREE_BYTES && (status = strangers_hold(&g->guest,
	    cap - FREE_BYTES - buffer_bytes(g), false)) != 0)
		return (status);
	g->cap = cap;
	if ((g->buf = realloc(g->buf, g->cap)) == NULL)
		log_fatal("event=out_of_memory");
	return (0);
}

static int
read_head(struct connection *c, struct gate *g, size_t *bytes)
{
	static char		 out[GATE_OUT_MAX];
	struct gate_head	 h;
	size_t			 n;
	bool			 proxied = proxy_speaks(c);
	int			 status;

	g->client.ip = proxy_peer(c);
	for (;;) {
		status = gate_parse(g->buf, g->len, proxied, out,
		    sizeof(out), &h);
		if (status == GATE_OK)
			return (head_done(c, g, &h, out, bytes));
		if (status != GATE_MORE ||
		    (status = gate_make_room(g)) != 0)
			return (gate_refuse(c, g, &h, status));
		if (!gate_read(c, g->buf + g->len, g->cap - g->len, &n))
			return (KORE_RESULT_ERROR);
		g->len += n;
		/* These bytes may have arrived with the previous request. */
		if (g->len > 0 && c->http_timeout == 0) {
			c->http_start = kore_time_ms();
			c->http_timeout = http_header_timeout * 1000;
		}
		if (!(c->evt.flags & KORE_EVENT_READ))
			break;
	}
	if (g->len > 0 && (status = strangers_unfinished(&g->guest)) != 0)
		return (gate_refuse(c, g, &h, status));
	if (g->len == 0) {	/* only the idle timer applies */
		c->http_timeout = 0;
		free(g->buf);
		g->buf = NULL;
		g->cap = 0;
		strangers_keep(&g->guest, 0);
	}
	return (KORE_RESULT_OK);
}

static int
read_linger(struct connection *c, struct gate *g)
{
	static char	sink[16384];
	size_t		n;

	if (TAILQ_EMPTY(&c->send_queue))
		gate_shut(c);
	for (;;) {
		if (kore_time_ms() > g->linger_until ||
		    g->lingered > LINGER_BYTES ||
		    !gate_read(c, sink, sizeof(sink), &n))
			return (KORE_RESULT_ERROR);
		if (!(c->evt.flags & KORE_EVENT_READ))
			return (KORE_RESULT_OK);
		g->lingered += n;
	}
}

int
__wrap_kore_tls_read(struct connection *c, size_t *bytes)
{
	struct gate	*g;

	if (c->proto != CONN_PROTO_HTTP)
		return (__real_kore_tls_read(c, bytes));
	*bytes = 0;
	if (c->state == CONN_STATE_DISCONNECTING ||
	    (c->flags & CONN_CLOSE_EMPTY)) {
		/* Otherwise Kore runs its header callback on old bytes. */
		c->evt.flags &= ~KORE_EVENT_READ;
		return (KORE_RESULT_OK);
	}
	g = gate_of(c);
	switch (g->state) {
	case HEAD:
		return (read_head(c, g, bytes));
	case COLLECT:
		return (gate_body_collect(c, g, bytes));
	case BODY:
		return (gate_body_pass(c, g, bytes));
	case LINGER:
		return (read_linger(c, g));
	case CHECK:
	case SERVING:
	default:
		g->unread = true;
		c->evt.flags &= ~KORE_EVENT_READ;
		return (KORE_RESULT_OK);
	}
}

void
gate_resume(struct connection *c, struct gate *g)
{
	if (g->len == 0 && !g->unread && SSL_pending(c->tls) == 0 &&
	    !(c->evt.flags & KORE_EVENT_READ))
		return;
	/* Arming the event again makes the loop call the gate again. */
	g->unread = false;
	c->evt.flags |= KORE_EVENT_READ;
	kore_platform_event_all(c->fd, c);
}

/* Kore calls this with http_header_recv when it is ready for another request,
 * and with http_body_recv, where nothing is changed. */
void
__wrap_net_recv_reset(struct connection *c, size_t len,
    int (*cb)(struct netbuf *))
{
	struct gate	*g;

	__real_net_recv_reset(c, len, cb);
	if (cb != http_header_recv || c->tls == NULL ||
	    c->proto != CONN_PROTO_HTTP)
		return;
	g = gate_of(c);
	if (g->state == LINGER || g->state == COLLECT)
		return;
	if (g->state == BODY || g->state == CHECK) {
		/* replied before the body arrived */
		c->flags |= CONN_CLOSE_EMPTY;
		return;
	}
	g->state = HEAD;
	strangers_idle(c, &g->guest, buffer_bytes(g));
	/* Between requests the idle timer applies, not Kore's 408. */
	c->http_timeout = 0;
	c->http_start = kore_time_ms();
	gate_resume(c, g);
}

bool
gate_checks(struct connection *c)
{
	return (gate_of(c)->state == CHECK);
}

void
gate_known(struct connection *c, uint64_t customer, uint64_t person)
{
	strangers_know(&gate_of(c)->guest, customer, person);
}

void
gate_unknown(struct connection *c)
{
	struct gate	*g = gate_of(c);

	strangers_unknow(c, &g->guest, &g->client.ip);
}

void
gate_turned_away(struct connection *c)
{
	struct gate	*g = gate_of(c);

	c->flags &= (u_int16_t)~CONN_CLOSE_EMPTY;
	gate_linger(c, g);
	http_start_recv(c);
	c->http_timeout = 0;
	c->evt.flags |= KORE_EVENT_READ;
	kore_platform_event_all(c->fd, c);
}
