/* The response with which the gate refuses a request. */
#ifndef SERVER_GATE_REFUSAL_H
#define SERVER_GATE_REFUSAL_H

#include "base/ip.h"

struct connection;
struct gate_head;

/*
 * Queues a response that closes the connection, and logs it: a page for 429
 * and 503 outside the API, otherwise a problem (RFC 9457). 429 and 503 have a
 * Retry-After. Uses method and target of the head.
 */
void	gate_refusal(struct connection *, const struct gate_head *,
	    int status, const struct ip *client);

#endif
