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
#include "server/collect.h"
#include "server/gate.h"
#include "server/gate_parse.h"
#include "server/headers.h"
#include "server/proxy.h"
#include "server/request_log.h"

#define LINGER_MS	2000	/* time for a client to read a refusal */
#define LINGER_BYTES	1048576	/* maximum that it may send meanwhile */
#define READ_MIN	1024	/* minimum size of a read */

enum state {
	HEAD,		/* reading a head */
	COLLECT,	/* reading a chunked body */
	BODY,		/* passing a body to Kore */
	SERVING,	/* not reading until the reply is sent */
	LINGER		/* refused: discarding what arrives */
};

struct gate {
	enum state	 state;
	char		*buf;		/* bytes not yet passed to Kore */
	size_t		 len, cap;
	uint64_t	 body_left;
	struct collect	*collect;	/* a body that was chunked */
	struct gate_client client;
	struct gate_head head;		/* of collect, for its refusal */
	bool		 unread;	/* data arrived while SERVING */
	uint64_t	 linger_until;
	size_t		 lingered;
};

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
		collect_free(g->collect);
		free(g->buf);
		free(g);
	}
}

void
gate_configure(size_t (*max)(const char *, const char *, size_t),
    uint32_t limit)
{
	body_max = max;
	request_limit = limit;
	ex_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, gate_free);
	if (ex_index == -1)
		log_fatal("event=tls_failed why=\"no ex data index\"");
}

static struct gate *
gate_of(struct connection *c)
{
	struct gate	*g;

	if ((g = SSL_get_ex_data(c->tls, ex_index)) == NULL) {
		if ((g = calloc(1, sizeof(*g))) == NULL ||
		    SSL_set_ex_data(c->tls, ex_index, g) == 0)
			log_fatal("event=out_of_memory");
		g->client.ip = proxy_peer(c);
	}
	return (g);
}

const struct gate_client *
gate_client(struct connection *c)
{
	return (&gate_of(c)->client);
}

/* Reads decrypted bytes into buf instead of Kore's buffer. When there is
 * nothing to read, clears KORE_EVENT_READ and sets *n to 0. */
static int
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

static void
gate_consume(struct gate *g, size_t n)
{
	g->len -= n;
	memmove(g->buf, g->buf + n, g->len);
}

static void
gate_send(struct connection *c, const char *s)
{
	net_send_queue(c, s, strlen(s));
}

/* Writes the body of a refusal: a page for 503 outside the API, otherwise a
 * problem (RFC 9457). Returns its media type. */
static const char *
refusal_body(const struct gate_head *h, int status, char *out, size_t cap)
{
	const char	*title = http_status_text(status);

	if (status == 503 && (h->target_len < 5 ||
	    memcmp(h->target, "/api/", 5) != 0)) {
		snprintf(out, cap, "<!doctype html>\n<html lang=\"fr\"><meta "
		    "charset=\"utf-8\"><title>Service saturé</title>\n"
		    "<h1>Service momentanément saturé</h1>\n<p>Réessayez dans "
		    "quelques secondes. <span lang=\"en\">The service is busy: "
		    "try again in a few seconds.</span></p></html>\n");
		return ("text/html; charset=utf-8");
	}
	snprintf(out, cap, "{\"type\":\"about:blank\",\"title\":\"%s\","
	    "\"status\":%d}\n", title, status);
	return ("application/problem+json");
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

static int
gate_refuse(struct connection *c, struct gate *g, const struct gate_head *h,
    int status)
{
	const struct header_field	*f;
	char				 body[512], head[512], address[IP_TEXT];
	const char			*type;

	type = refusal_body(h, status, body, sizeof(body));
	snprintf(head, sizeof(head), "HTTP/1.1 %d %s\r\n"
	    "server: smartrecord\r\ndate: %s\r\nconnection: close\r\n"
	    "strict-transport-security: max-age=31536000\r\n"
	    "cache-control: no-store\r\n%scontent-type: %s\r\n"
	    "content-length: %zu\r\n", status, http_status_text(status),
	    header_date(), status == 503 ? "retry-after: 2\r\n" : "", type,
	    strlen(body));
	gate_send(c, head);
	for (f = security_headers; f->name != NULL; f++) {
		gate_send(c, f->name);
		gate_send(c, ": ");
		gate_send(c, f->value);
		gate_send(c, "\r\n");
	}
	gate_send(c, "\r\n");
	if (strcmp(h->method, "HEAD") != 0)
		gate_send(c, body);
	ip_text(&g->client.ip, address);
	request_log_refused(address, h->method, status,
	    strcmp(h->method, "HEAD") != 0 ? strlen(body) : 0);
	g->state = LINGER;
	g->len = 0;
	g->lingered = 0;
	g->linger_until = kore_time_ms() + LINGER_MS;
	c->evt.flags &= ~KORE_EVENT_READ;
	c->http_timeout = 0;
	c->idle_timer.length = LINGER_MS;
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
	if (http_request_count >= request_limit)
		return (503);
	if (h->body_len > 0 && h->body_len > head_body_max(h))
		return (413);
	return (0);
}

/* Keeps the client and the request id of a head. */
static int
head_client(struct connection *c, struct gate *g, const struct gate_head *h)
{
	g->client.request_id[0] = '\0';
	if (proxy_speaks(c))
		memcpy(g->client.request_id, h->request_id,
		    sizeof(h->request_id));
	return (proxy_client(c, h, &g->client.ip));
}

/* Keeps what gate_refuse() needs of a head that is consumed before the body is
 * collected. */
static void
head_keep(struct gate *g, const struct gate_head *h)
{
	bool	api = h->target_len >= 5 && memcmp(h->target, "/api/", 5) == 0;

	memset(&g->head, 0, sizeof(g->head));
	memcpy(g->head.method, h->method, sizeof(h->method));
	g->head.target = api ? "/api/" : "/";
	g->head.target_len = strlen(g->head.target);
}

/* Handles a complete head; out has the rewritten head for Kore. */
static int
head_done(struct connection *c, struct gate *g, const struct gate_head *h,
    const char *out, size_t *bytes)
{
	int	status;

	if ((status = head_client(c, g, h)) != GATE_OK ||
	    (status = head_refusal(c, h)) != 0)
		return (gate_refuse(c, g, h, status));
	if (h->chunked) {
		g->collect = collect_new(out, h->out_len, head_body_max(h));
		g->state = COLLECT;
		head_keep(g, h);
		c->http_start = kore_time_ms();
		c->http_timeout = http_body_timeout * 1000;
	}
	gate_consume(g, h->in_len);
	if (h->expect && (h->body_len > 0 || h->chunked) && g->len == 0) {
		gate_send(c, "HTTP/1.1 100 Continue\r\n\r\n");
		if (!net_send_flush(c))
			return (KORE_RESULT_ERROR);
	}
	if (h->chunked)
		return (KORE_RESULT_OK);
	g->body_left = h->body_len;
	g->state = h->body_len > 0 ? BODY : SERVING;
	*bytes = h->out_len;
	return (KORE_RESULT_OK);
}

static void
gate_make_room(struct gate *g)
{
	if (g->cap - g->len >= READ_MIN)
		return;
	g->cap = g->cap == 0 ? 2 * READ_MIN : g->cap * 2;
	if (g->cap > GATE_HEAD_MAX + 2 * READ_MIN)
		g->cap = GATE_HEAD_MAX + 2 * READ_MIN;
	if ((g->buf = realloc(g->buf, g->cap)) == NULL)
		log_fatal("event=out_of_memory");
}

static int
read_head(struct connection *c, struct gate *g, size_t *bytes)
{
	struct gate_head	 h;
	char			*out = (char *)c->rnb->buf + c->rnb->s_off;
	size_t			 n, room = c->rnb->b_len - c->rnb->s_off;
	bool			 proxied = proxy_speaks(c);
	int			 status;

	g->client.ip = proxy_peer(c);
	for (;;) {
		status = gate_parse(g->buf, g->len, proxied, out,
		    MIN(room, GATE_OUT_MAX), &h);
		if (status == GATE_OK)
			return (head_done(c, g, &h, out, bytes));
		if (status != GATE_MORE)
			return (gate_refuse(c, g, &h, status));
		gate_make_room(g);
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
	if (g->len == 0) {	/* only the idle timer applies */
		c->http_timeout = 0;
		free(g->buf);
		g->buf = NULL;
		g->cap = 0;
	}
	return (KORE_RESULT_OK);
}

/* Passes Kore the head of a collected body. */
static int
collect_done(struct connection *c, struct gate *g, size_t *bytes)
{
	*bytes = collect_head(g->collect, (char *)c->rnb->buf + c->rnb->s_off,
	    c->rnb->b_len - c->rnb->s_off);
	if (*bytes == 0)
		return (gate_refuse(c, g, &g->head, 431));
	g->body_left = collect_length(g->collect);
	if (g->body_left == 0) {	/* nothing left to pass */
		collect_free(g->collect);
		g->collect = NULL;
	}
	g->state = g->body_left > 0 ? BODY : SERVING;
	c->http_timeout = 0;
	return (KORE_RESULT_OK);
}

static int
read_collect(struct connection *c, struct gate *g, size_t *bytes)
{
	size_t	n;
	int	status;

	for (;;) {
		status = collect_add(g->collect, g->buf, g->len, &n);
		gate_consume(g, n);
		if (status == GATE_OK)
			return (collect_done(c, g, bytes));
		if (status != GATE_MORE)
			return (gate_refuse(c, g, &g->head, status));
		gate_make_room(g);
		if (!gate_read(c, g->buf, g->cap, &n))
			return (KORE_RESULT_ERROR);
		g->len = n;
		if (!(c->evt.flags & KORE_EVENT_READ))
			return (KORE_RESULT_OK);
	}
}

static int
read_body(struct connection *c, struct gate *g, size_t *bytes)
{
	u_int8_t	*out = c->rnb->buf + c->rnb->s_off;
	size_t		 n, room = c->rnb->b_len - c->rnb->s_off;

	if (room > g->body_left)
		room = (size_t)g->body_left;
	if (g->collect != NULL) {
		n = collect_take(g->collect, out, room);
	} else if (g->len > 0) {
		n = MIN(g->len, room);
		memcpy(out, g->buf, n);
		gate_consume(g, n);
	} else {
		if (!gate_read(c, out, room, &n))
			return (KORE_RESULT_ERROR);
		if (!(c->evt.flags & KORE_EVENT_READ))
			return (KORE_RESULT_OK);
	}
	g->body_left -= n;
	*bytes = n;
	if (g->body_left == 0) {
		collect_free(g->collect);
		g->collect = NULL;
		g->state = SERVING;
		c->http_timeout = 0;
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
		return (read_collect(c, g, bytes));
	case BODY:
		return (read_body(c, g, bytes));
	case LINGER:
		return (read_linger(c, g));
	case SERVING:
	default:
		g->unread = true;
		c->evt.flags &= ~KORE_EVENT_READ;
		return (KORE_RESULT_OK);
	}
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
	if (g->state == LINGER)
		return;
	if (g->state == BODY) {	/* replied before the body arrived */
		c->flags |= CONN_CLOSE_EMPTY;
		return;
	}
	g->state = HEAD;
	/* Between requests the idle timer applies, not Kore's 408. */
	c->http_timeout = 0;
	c->http_start = kore_time_ms();
	if (g->len > 0 || g->unread || SSL_pending(c->tls) > 0 ||
	    (c->evt.flags & KORE_EVENT_READ)) {
		/* Arming the event again makes the loop call this again. */
		g->unread = false;
		c->evt.flags |= KORE_EVENT_READ;
		kore_platform_event_all(c->fd, c);
	}
}
