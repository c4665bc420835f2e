/*
 * Bodies that take their time, on Kore's connection: refilled 64 KB at a time
 * when the send queue is empty, so that memory stays bounded, and never cut
 * by Kore's request timers. The public face is reply_stream() in reply.h.
 * TLS records of all answers are filled here: kore_tls_write is wrapped.
 */
#ifndef SERVER_STREAM_H
#define SERVER_STREAM_H

#include "server/request.h"

/* Sends the head (header fields are set already) and starts the body. */
void	stream_start(struct request *r);
/* Bodies under way in this worker: drain waits for them. */
unsigned stream_count(void);

#endif
