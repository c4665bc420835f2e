/*
 * Streamed bodies; handlers use reply_stream() in reply.h. When the send queue
 * of the connection is empty, the source is asked for another 64 KB, which
 * limits memory. Kore's request timers do not apply. Also replaces
 * kore_tls_write for all replies, so that TLS records are full; those of a
 * stream are sent several at once, see sealed.h.
 */
#ifndef SERVER_STREAM_H
#define SERVER_STREAM_H

#include "server/request.h"

/* Sends the head, whose header fields are set, then the body. Writes the line
 * of the log at its end. */
void	stream_start(struct request *r, const struct request_log *);

#endif
