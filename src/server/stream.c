/* Streamed bodies; see stream.h. */
#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/tcp.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <stdlib.h>

#include "base/log.h"
#include "base/spare.h"
#include "server/sealed.h"
#include "server/stream.h"

#define PIECE		65536		/* bytes per call of the source */
#define BUDGET		(8 * PIECE)	/* bytes per event of the loop */
#define LOWAT		(2 * PIECE)	/* unsent bytes in the kernel */
#define STALL_MS	60000		/* timeout of a client */
#define HEAD_ROOM	16		/* for the size line of a chunk */
#define TAIL_ROOM	2		/* for the CRLF after a chunk */
#define ROOM		(HEAD_ROOM + PIECE + TAIL_ROOM)
#define RECORD		16384		/* bytes in a TLS record */

struct stream {
	struct connection	*c;
	struct stream_source	 source;
	int64_t			 left;		/* bytes, if counted */
	bool			 counted;	/* the length is known */
	bool			 chunked;
	bool			 ended;		/* all is in the send queue */
	bool			 close;		/* close after the body */
	bool			 waiting;	/* for stream_wake() */
	uint64_t		 bytes;		/* of the body, so far */
	struct sealed		*sealed;
	struct request_log	 log;
};

static int	stream_handle(struct connection *);

/* Room for a piece. A client that reads as fast as it is sent to gives it back
 * at once, so that most streams need only this one; NULL: in use. */
static unsigned char	*spare;

int	__real_kore_tls_write(struct connection *, size_t, size_t *);
int	__wrap_kore_tls_write(struct connection *, size_t, size_t *);

/* Writes full TLS records, those of a stream several at once. Kore writes at
 * most 8 KB, half a record, which doubles the number of system calls. */
int
__wrap_kore_tls_write(struct connection *c, size_t len, size_t *written)
{
	size_t		 left = c->snb->b_len - c->snb->s_off;
	struct stream	*s;

	if (c->handle == stream_handle) {
		s = c->hdlr_extra;
		return (sealed_write(s->sealed, c->snb->buf + c->snb->s_off,
		    left, written));
	}
	if (len < left)
		len = left < RECORD ? left : RECORD;
	return (__real_kore_tls_write(c, len, written));
}

/* Ends the stream: returns the connection to Kore, and calls done() of the
 * source. */
static void
stream_detach(struct stream *s, bool aborted)
{
	struct connection	*c = s->c;

	c->handle = kore_connection_handle;
	c->disconnect = NULL;
	c->hdlr_extra = NULL;
	sealed_end(s->sealed);
	s->source.done(s->source.arg, aborted);
	request_log_end(&s->log, s->bytes, !aborted);
	free(s);
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

/* Kore has sent a piece, or closes its connection. */
static int
piece_sent(struct netbuf *nb)
{
	spare_give(&spare, nb->extra);
	return (KORE_RESULT_OK);
}

/* Queues n bytes of a room, which then belongs to the queue. Nothing is copied
 * after the source wrote its bytes. */
static void
queue_piece(struct stream *s, unsigned char *room, size_t n)
{
	struct netbuf	*nb;
	unsigned char	*piece = room + HEAD_ROOM;
	char		 line[HEAD_ROOM];
	int		 len = 0;

	s->bytes += n;
	if (s->chunked) {
		len = snprintf(line, sizeof(line), "%zx\r\n", n);
		memcpy(piece - len, line, (size_t)len);
		memcpy(piece + n, "\r\n", TAIL_ROOM);
		n += (size_t)len + TAIL_ROOM;
	} else {
		s->left -= (int64_t)n;
		s->ended = s->counted && s->left == 0;
	}
	net_send_stream(s->c, piece - len, n, piece_sent, &nb);
	nb->extra = room;
}

/* Queues a piece of the source. Returns its length, 0 at the end, STREAM_WAIT
 * or STREAM_FAIL. */
static ssize_t
stream_piece(struct stream *s)
{
	unsigned char	*room = spare_take(&spare, ROOM);
	size_t		 cap = PIECE;
	ssize_t		 n;

	if (s->counted && (int64_t)cap > s->left)
		cap = (size_t)s->left;
	n = cap == 0 ? 0 :
	    s->source.next(s->source.arg, room + HEAD_ROOM, cap);
	if (n > 0)
		queue_piece(s, room, (size_t)n);
	else
		spare_give(&spare, room);
	if (n != 0)
		return (n);
	if (s->counted && s->left > 0)
		return (STREAM_FAIL);	/* shorter than Content-Length */
	s->ended = true;
	if (s->chunked)
		net_send_queue(s->c, "0\r\n\r\n", 5);
	return (0);
}

/* Returns whether the kernel has taken all that was queued. Sets *result to the
 * return value that Kore expects. */
static bool
stream_flushed(struct stream *s, int *result)
{
	bool	 empty;

	*result = KORE_RESULT_OK;
	if ((!TAILQ_EMPTY(&s->c->send_queue) && !net_send_flush(s->c)) ||
	    !sealed_flush(s->sealed, &empty)) {
		*result = KORE_RESULT_ERROR;
		return (false);
	}
	return (empty && TAILQ_EMPTY(&s->c->send_queue));
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
			/* Arms the event again, for the next turn. */
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

/* Sends the head through Kore. Returns false when no body follows. */
static bool
stream_head(struct request *r)
{
	struct http_request	*kore = r->kore;
	char			 length[24];
	bool			 body;

	/* The client may have disconnected during this turn of the loop. */
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
stream_new(struct request *r, const struct request_log *l)
{
	struct connection	*c = r->kore->owner;
	struct stream		*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		log_fatal("event=out_of_memory");
	s->c = c;
	s->source = r->stream;
	s->log = *l;
	s->counted = r->length >= 0;
	s->left = s->counted ? r->length : 0;
	/* HTTP/1.0 has no chunks: the body ends with the connection. */
	s->chunked = !s->counted && !(r->kore->flags & HTTP_VERSION_1_0);
	s->close = (c->flags & CONN_CLOSE_EMPTY) != 0;
	c->flags &= (u_int16_t)~CONN_CLOSE_EMPTY;
	return (s);
}

void
stream_start(struct request *r, const struct request_log *l)
{
	struct connection	*c = r->kore->owner;
	struct stream_source	 source = r->stream;
	struct stream		*s;
	int			 lowat = LOWAT;

	r->stream.next = NULL;	/* now owned by the stream */
	if (!stream_head(r)) {
		source.done(source.arg, false);
		request_log_end(l, 0, r->ctx.head);
		return;
	}
	r->stream = source;
	s = stream_new(r, l);
	r->stream.next = NULL;
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &lowat,
	    sizeof(lowat));
	s->sealed = sealed_begin(c);
	c->hdlr_extra = s;
	c->disconnect = stream_disconnect;
	c->handle = stream_handle;
	c->http_timeout = 0;
	c->idle_timer.length = STALL_MS;
	if (source.started != NULL)
		source.started(source.arg, s);
	kore_platform_event_all(c->fd, c);
}
