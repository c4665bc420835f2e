/*
 * TLS records of a stream on their way to the kernel: several are given to it
 * with one system call, which then takes them through the network stack at
 * once. Without this, OpenSSL makes a call for each record.
 */
#ifndef SERVER_SEALED_H
#define SERVER_SEALED_H

#include <stdbool.h>
#include <stddef.h>

struct connection;
struct sealed;

/* From now on, what OpenSSL writes to the connection is collected. */
struct sealed	*sealed_begin(struct connection *);
/* Encrypts n bytes or fewer, and sends them. Returns a Kore result: on
 * KORE_RESULT_OK, *done has how many bytes were encrypted; the connection is
 * not writable when that is 0. The memory of the bytes is free then. */
int		 sealed_write(struct sealed *, const void *, size_t n,
		    size_t *done);
/* Sends what is collected. Returns false on an error of the connection. Sets
 * *empty: whether the kernel has taken all of it. */
bool		 sealed_flush(struct sealed *, bool *empty);
/* Ends the collecting, and drops what the kernel has not taken: the connection
 * must then be closed. */
void		 sealed_end(struct sealed *);

#endif
