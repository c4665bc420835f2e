/*
 * A decoder of chunked bodies (RFC 9112 section 7.1), as proxies make them of
 * HTTP/2 requests without Content-Length. It refuses chunk extensions and
 * trailers, which no proxy needs here. Pure.
 */
#ifndef SERVER_CHUNKED_H
#define SERVER_CHUNKED_H

#include <stddef.h>
#include <stdint.h>

enum { CHUNKED_BAD = -1, CHUNKED_MORE = 0, CHUNKED_DONE = 1 };

struct chunked {
	uint8_t		state;
	uint8_t		digits;	/* of the size of this chunk so far */
	uint64_t	left;	/* bytes of this chunk still to come */
};

/*
 * Decodes up to n bytes into out, which has n bytes and may be in itself;
 * begin with a zeroed struct. Sets *used to the bytes read and *made to the
 * bytes written. After CHUNKED_DONE the bytes from *used on belong to the next
 * request.
 */
int	chunked_decode(struct chunked *, const char *in, size_t n,
	    size_t *used, char *out, size_t *made);

#endif
