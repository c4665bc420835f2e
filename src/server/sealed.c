/*
 * See sealed.h. OpenSSL writes into a BIO of ours, which appends to a room; the
 * room is sent when it is full, or when there is no more to encrypt. A stream
 * has a room only while the kernel does not take its bytes.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <kore/kore.h>

#include <stdlib.h>

#include <openssl/err.h>

#include "base/log.h"
#include "base/spare.h"
#include "server/sealed.h"

#define RECORD		16384		/* bytes that a TLS record carries */
#define OVERHEAD	256		/* of a record, as SSL3_RT_MAX_... */
#define ROOM		(4 * (RECORD + OVERHEAD))

struct sealed {
	struct connection	*c;
	unsigned char		*room;		/* NULL: nothing is left */
	size_t			 from, to;	/* what is left in it */
};

static BIO_METHOD	*method;
static unsigned char	*spare;		/* a room that no stream has */

static void
room_give(struct sealed *s)
{
	spare_give(&spare, s->room);
	s->room = NULL;
	s->from = s->to = 0;
}

/* OpenSSL writes records, of the stream's bytes or of the protocol. */
static int
bio_write(BIO *b, const char *bytes, int n)
{
	struct sealed	*s = BIO_get_data(b);

	BIO_clear_retry_flags(b);
	if (s->room == NULL)
		s->room = spare_take(&spare, ROOM);
	if ((size_t)n > ROOM - s->to) {
		BIO_set_retry_write(b);
		return (-1);
	}
	memcpy(s->room + s->to, bytes, (size_t)n);
	s->to += (size_t)n;
	return (n);
}

static long
bio_ctrl(BIO *b, int command, long n, void *arg)
{
	(void)b;
	(void)n;
	(void)arg;
	return (command == BIO_CTRL_FLUSH);
}

static BIO *
bio_new(struct sealed *s)
{
	BIO	*b;

	if (method == NULL && ((method = BIO_meth_new(BIO_get_new_index() |
	    BIO_TYPE_SOURCE_SINK, "sealed")) == NULL ||
	    BIO_meth_set_write(method, bio_write) != 1 ||
	    BIO_meth_set_ctrl(method, bio_ctrl) != 1))
		log_fatal("event=out_of_memory");
	if ((b = BIO_new(method)) == NULL)
		log_fatal("event=out_of_memory");
	BIO_set_init(b, 1);
	BIO_set_data(b, s);
	return (b);
}

struct sealed *
sealed_begin(struct connection *c)
{
	struct sealed	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		log_fatal("event=out_of_memory");
	s->c = c;
	SSL_set0_wbio(c->tls, bio_new(s));
	return (s);
}

bool
sealed_flush(struct sealed *s, bool *empty)
{
	ssize_t	 n;

	while (s->from < s->to) {
		n = send(s->c->fd, s->room + s->from, s->to - s->from,
		    MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			*empty = false;
			return (errno == EAGAIN || errno == EWOULDBLOCK);
		}
		s->from += (size_t)n;
	}
	if (s->room != NULL)
		room_give(s);
	*empty = true;
	return (true);
}

/* Returns whether another record surely fits. */
static bool
record_fits(const struct sealed *s)
{
	return (s->room == NULL || ROOM - s->to >= RECORD + OVERHEAD);
}

int
sealed_write(struct sealed *s, const void *bytes, size_t n, size_t *done)
{
	bool	 empty;
	int	 r;

	*done = 0;
	if (!sealed_flush(s, &empty))
		return (KORE_RESULT_ERROR);
	if (!empty) {
		s->c->evt.flags &= ~KORE_EVENT_WRITE;
		return (KORE_RESULT_OK);
	}
	ERR_clear_error();
	while (*done < n && record_fits(s)) {
		r = SSL_write(s->c->tls, (const char *)bytes + *done,
		    (int)MIN(n - *done, RECORD));
		if (r <= 0)
			return (KORE_RESULT_ERROR);
		*done += (size_t)r;
	}
	return (sealed_flush(s, &empty) ? KORE_RESULT_OK : KORE_RESULT_ERROR);
}

void
sealed_end(struct sealed *s)
{
	BIO	*socket = SSL_get_rbio(s->c->tls);

	if (s->room != NULL) {
		/* The client got part of a record: no alert may follow. */
		SSL_set_quiet_shutdown(s->c->tls, 1);
		room_give(s);
	}
	(void)BIO_up_ref(socket);
	SSL_set0_wbio(s->c->tls, socket);
	free(s);
}
