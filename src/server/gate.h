/*
 * The gate between TLS and Kore's HTTP parser: gives Kore one rewritten
 * request head at a time, then exactly its body, and answers by itself what
 * gate_parse() refuses. Works by wrapping four functions at link time:
 * kore_tls_read, net_recv_reset, http_response_header and bind.
 */
#ifndef SERVER_GATE_H
#define SERVER_GATE_H

#include <stddef.h>
#include <stdint.h>

/*
 * body_max: bytes of body that a request may carry; path is target without
 * query, not NUL-terminated. request_limit: requests in progress, more are
 * refused with 503. Once in each worker.
 */
void	gate_configure(size_t (*body_max)(const char *method,
	    const char *path, size_t path_len), uint32_t request_limit);

/* Adds a field to the reply. http_response_header() would replace one of the
 * same name: a second cookie takes the place of the first. Bad bytes drop it
 * with a log line. */
struct http_request;
void	gate_add_field(struct http_request *, const char *name,
	    const char *value);

#endif
