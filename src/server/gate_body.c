/* The gate's bodies; see gate_state.h. */
#include <sys/types.h>
#include <sys/socket.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "server/collect.h"
#include "server/gate_state.h"
#include "server/session.h"
#include "server/strangers.h"

/* A longer body is read only for a living session with the right of the
 * route. */
#define SMALL_BODY	65536

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

/* Callback of collect_add(): memory for the body. */
static int
body_room(void *arg, size_t more)
{
	struct gate	*g = arg;

	return (strangers_hold(&g->guest, more, g->large));
}

static int
send_continue(struct connection *c, struct gate *g)
{
	if (!g->expect || g->len > 0)
		return (KORE_RESULT_OK);
	net_send_queue(c, "HTTP/1.1 100 Continue\r\n\r\n", 25);
	return (net_send_flush(c));
}

static void
collect_start(struct connection *c, struct gate *g)
{
	g->state = COLLECT;
	c->http_start = kore_time_ms();
	c->http_timeout = http_body_timeout * 1000;
}

/* Passes Kore the head of a collected body, with this length. Returns the
 * number of bytes, 0 if they are too many. */
static size_t
head_pass(struct connection *c, struct gate *g, size_t length)
{
	static char	out[2 * GATE_OUT_MAX];
	size_t		n = collect_head(g->collect, length, out, sizeof(out));

	if (n > 0)
		gate_pass_head(c, out, n);
	return (n);
}

/* Passes Kore the head without the body, so that the router checks the session
 * and the right. It calls gate_checked() if they allow the request. */
static int
check_start(struct connection *c, struct gate *g, size_t *bytes)
{
	if ((*bytes = head_pass(c, g, 0)) == 0)
		return (gate_refuse(c, g, &g->head, 431));
	g->state = CHECK;
	c->http_timeout = 0;
	return (KORE_RESULT_OK);
}

/* Returns whether a head has a session cookie. */
static bool
claims_session(const char *head, size_t n)
{
	return (memmem(head, n, SESSION_COOKIE "=",
	    sizeof(SESSION_COOKIE)) != NULL);
}

/* Passes Kore the head of a collected body. Other requests may have begun since
 * its own head was read. */
static int
collect_done(struct connection *c, struct gate *g, size_t *bytes)
{
	if (gate_full())
		return (gate_refuse(c, g, &g->head, 503));
	g->body_left = collect_length(g->collect);
	if ((*bytes = head_pass(c, g, g->body_left)) == 0)
		return (gate_refuse(c, g, &g->head, 431));
	strangers_finished(&g->guest);
	if (g->body_left == 0) {	/* nothing left to pass */
		collect_free(g->collect);
		g->collect = NULL;
	}
	g->state = g->body_left > 0 ? BODY : SERVING;
	c->http_timeout = 0;
	return (KORE_RESULT_OK);
}

int
gate_body_collect(struct connection *c, struct gate *g, size_t *bytes)
{
	size_t	n;
	int	status;

	for (;;) {
		status = collect_add(g->collect, g->buf, g->len, &n,
		    body_room, g);
		gate_consume(g, n);
		if (status == GATE_OK)
			return (collect_done(c, g, bytes));
		if (status != GATE_MORE || (status = gate_make_room(g)) != 0)
			return (gate_refuse(c, g, &g->head, status));
		if (!gate_read(c, g->buf, g->cap, &n))
			return (KORE_RESULT_ERROR);
		g->len = n;
		if (!(c->evt.flags & KORE_EVENT_READ))
			return (KORE_RESULT_OK);
	}
}

int
gate_body_pass(struct connection *c, struct gate *g, size_t *bytes)
{
	size_t	room = c->rnb->b_len - c->rnb->s_off;

	*bytes = collect_take(g->collect, c->rnb->buf + c->rnb->s_off, room);
	g->body_left -= *bytes;
	if (g->body_left == 0) {
		collect_free(g->collect);
		g->collect = NULL;
		g->state = SERVING;
		c->http_timeout = 0;
	}
	return (KORE_RESULT_OK);
}

/* Begins a body. Its head holds memory and counts as unfinished. Where that is
 * refused to a stranger, a session may still allow it. */
int
gate_body_start(struct connection *c, struct gate *g,
    const struct gate_head *h, const char *out, size_t max, size_t *bytes)
{
	bool	claims = claims_session(out, h->out_len);
	int	status;

	head_keep(g, h);
	g->expect = h->expect;
	g->large = (h->chunked ? max : h->body_len) > SMALL_BODY;
	g->collect = collect_new(out, h->out_len, h->chunked ?
	    COLLECT_CHUNKED : h->body_len, max);
	gate_consume(g, h->in_len);
	if ((status = strangers_unfinished(&g->guest)) == 0)
		status = strangers_hold(&g->guest, h->out_len, g->large);
	if (status != 0 && !claims)
		return (gate_refuse(c, g, &g->head, status));
	if (status != 0 || g->large)
		return (check_start(c, g, bytes));
	collect_start(c, g);
	if (!send_continue(c, g))
		return (KORE_RESULT_ERROR);
	return (gate_body_collect(c, g, bytes));
}

void
gate_checked(struct connection *c)
{
	struct gate	*g = gate_of(c);

	collect_start(c, g);
	http_start_recv(c);	/* Kore expects a head again */
	collect_start(c, g);	/* http_start_recv() sets a shorter timeout */
	if (!send_continue(c, g))
		kore_connection_disconnect(c);
	else
		gate_resume(c, g);
}
