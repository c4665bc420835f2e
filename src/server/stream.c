/* Bodies that take their time, see stream.h. */
#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/tcp.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <stdlib.h>

#include "base/log.h"
#include "server/stream.h"

#define PIECE		65536		/* bytes asked of the source at once */
#define BUDGET		(8 * PIECE)	/* bytes an event, then others' turn */
#define LOWAT		(2 * PIECE)	/* unsent bytes the kernel keeps */
#define STALL_MS	60000		/* a client that takes nothing is cut */
#define HEAD_ROOM	16		/* for a chunk's size line */
#define TAIL_ROOM	2
#define RECORD		16384		/* bytes a TLS record holds */

struct stream {
	struct connection	*c;
	struct stream_source	 source;
	int64_t			 left;		/* bytes, when counted */
	bool			 counted;	/* the length was told */
	bool			 chunked;
	bool			 ended;		/* all is in the send queue */
	bool			 close;		/* the client asked for it */
	bool			 waiting;	/* until stream_wake() */
};

int	__real_kore_tls_write(struct connection *, size_t, size_t *);
int	__wrap_kore_tls_write(struct connection *, size_t, size_t *);

static unsigned	live;

unsigned
stream_count(void)
{
	return (live);
}

/* Kore writes 8 KB at once: half a record, and twice the system calls. */
int
__wrap_kore_tls_write(struct connection *c, size_t len, size_t *written)
{
	size_t	left = c->snb->b_len - c->snb->s_off;

	if (len < left)
		len = left < RECORD ? left : RECORD;
	return (__real_kore_tls_write(c, len, written));
}

/* Gives the connection back to Kore and the source to its owner. */
static void
stream_detach(struct stream *s, bool aborted)
{
	struct connection	*c = s->c;

	c->handle = kore_connection_handle;
	c->disconnect = NULL;
	c->hdlr_extra = NULL;
	s->source.done(s->source.arg, aborted);
	free(s);
	live--;
}

static void
stream_disconnect(struct connection *c)
{
	stream_detach(c->hdlr_extra, true);
}

static int
stream_finish(struct stream *s)
{
	struct connection	*c = s->c;
	bool			 end = s->close;

	stream_detach(s, false);
	c->flags &= (u_int16_t)~CONN_IS_BUSY;
	c->idle_timer.length = http_keepalive_time * 1000;
	kore_connection_start_idletimer(c);
	if (end)
		kore_connection_disconnect(c);
	else
		http_start_recv(c);
	return (KORE_RESULT_OK);
}

static void
queue_piece(struct stream *s, unsigned char *piece, size_t n)
{
	char	line[HEAD_ROOM];
	int	len;

	if (!s->chunked) {
		net_send_queue(s->c, piece, n);
		s->left -= (int64_t)n;
		s->ended = s->counted && s->left == 0;
		return;
	}
	len = snprintf(line, sizeof(line), "%zx\r\n", n);
	memcpy(piece - len, line, (size_t)len);
	memcpy(piece + n, "\r\n", TAIL_ROOM);
	net_send_queue(s->c, piece - len, n + (size_t)len + TAIL_ROOM);
}

/* One piece from the source to the send queue: its bytes, 0 at the end,
 * STREAM_WAIT or STREAM_FAIL. */
static ssize_t
stream_piece(struct stream *s)
{
	static unsigned char	 room[HEAD_ROOM + PIECE + TAIL_ROOM];
	unsigned char		*piece = room + HEAD_ROOM;
	size_t			 cap = PIECE;
	ssize_t			 n;

	if (s->counted && (int64_t)cap > s->left)
		cap = (size_t)s->left;
	n = cap == 0 ? 0 : s->source.next(s->source.arg, piece, cap);
	if (n > 0)
		queue_piece(s, piece, (size_t)n);
	if (n != 0)
		return (n);
	if (s->counted && s->left > 0)
		return (STREAM_FAIL);	/* shorter than promised */
	s->ended = true;
	if (s->chunked)
		net_send_queue(s->c, "0\r\n\r\n", 5);
	return (0);
}

/* true: nothing is left in the send queue; *result as Kore wants it. */
static bool
stream_flushed(struct stream *s, int *result)
{
	*result = KORE_RESULT_OK;
	if (!TAILQ_EMPTY(&s->c->send_queue) && !net_send_flush(s->c))
		*result = KORE_RESULT_ERROR;
	return (*result == KORE_RESULT_OK &&
	    TAILQ_EMPTY(&s->c->send_queue));
}

static int
stream_pump(struct stream *s)
{
	size_t	budget = BUDGET;
	ssize_t	n;
	int	result;

	while (stream_flushed(s, &result)) {
		if (s->ended)
			return (stream_finish(s));
		if (budget == 0) {
			/* Arms the edge again: back in the next turn. */
			kore_platform_event_all(s->c->fd, s->c);
			return (KORE_RESULT_OK);
		}
		n = stream_piece(s);
		if (n == STREAM_WAIT) {
			s->waiting = true;
			return (KORE_RESULT_OK);
		}
		if (n < 0)
			return (KORE_RESULT_ERROR);
		budget -= (size_t)n < budget ? (size_t)n : budget;
	}
	return (result);
}

static int
stream_handle(struct connection *c)
{
	struct stream	*s;

	if (!kore_connection_handle(c))
		return (KORE_RESULT_ERROR);
	if (c->state == CONN_STATE_DISCONNECTING || c->handle != stream_handle)
		return (KORE_RESULT_OK);
	s = c->hdlr_extra;
	return (s->waiting ? KORE_RESULT_OK : stream_pump(s));
}

void
stream_wake(struct stream *s)
{
	struct connection	*c = s->c;

	if (!s->waiting)
		return;
	s->waiting = false;
	kore_connection_start_idletimer(c);
	if (!stream_pump(s))
		kore_connection_disconnect(c);
}

/* The head, by Kore; false: there is no body to come. */
static bool
stream_head(struct request *r)
{
	struct http_request	*kore = r->kore;
	char			 length[24];
	bool			 body;

	/* A client that left in this very turn still owns the request. */
	body = !r->ctx.head && kore->owner != NULL &&
	    kore->owner->state != CONN_STATE_DISCONNECTING &&
	    kore->owner->hdlr_extra == NULL;
	kore->flags |= HTTP_REQUEST_NO_CONTENT_LENGTH;
	if (r->length >= 0) {
		snprintf(length, sizeof(length), "%lld",
		    (long long)r->length);
		http_response_header(kore, "content-length", length);
	} else if (!(kore->flags & HTTP_VERSION_1_0))
		http_response_header(kore, "transfer-encoding", "chunked");
	if (body)
		kore->owner->flags |= CONN_IS_BUSY;
	http_response(kore, r->status, NULL, 0);
	return (body);
}

static struct stream *
stream_new(struct request *r)
{
	struct connection	*c = r->kore->owner;
	struct stream		*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		log_fatal("stream: out of memory");
	s->c = c;
	s->source = r->stream;
	s->counted = r->length >= 0;
	s->left = s->counted ? r->length : 0;
	/* HTTP/1.0 knows no chunks: until the connection ends. */
	s->chunked = !s->counted && !(r->kore->flags & HTTP_VERSION_1_0);
	s->close = (c->flags & CONN_CLOSE_EMPTY) != 0;
	c->flags &= (u_int16_t)~CONN_CLOSE_EMPTY;
	live++;
	return (s);
}

void
stream_start(struct request *r)
{
	struct connection	*c = r->kore->owner;
	struct stream_source	 source = r->stream;
	struct stream		*s;
	int			 lowat = LOWAT;

	r->stream.next = NULL;	/* ours from here on */
	if (!stream_head(r)) {
		source.done(source.arg, false);
		return;
	}
	r->stream = source;
	s = stream_new(r);
	r->stream.next = NULL;
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &lowat,
	    sizeof(lowat));
	c->hdlr_extra = s;
	c->disconnect = stream_disconnect;
	c->handle = stream_handle;
	c->http_timeout = 0;
	c->idle_timer.length = STALL_MS;
	if (source.started != NULL)
		source.started(source.arg, s);
	kore_platform_event_all(c->fd, c);
}
