/*
 * The gate's parser: a strict reading of one HTTP/1.x request head (RFC 9112),
 * rewritten into the few header lines that Kore gets to see. Pure: knows
 * neither Kore nor sockets, keeps no state.
 *
 * Refused: bodies on GET, HEAD, DELETE and OPTIONS, any Transfer-Encoding,
 * lengths said twice or oddly, folded lines, bare CR or LF, NUL and control
 * bytes, a Host that is missing, doubled or malformed, absolute targets.
 */
#ifndef SERVER_GATE_PARSE_H
#define SERVER_GATE_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GATE_HEAD_MAX	16384	/* bytes of a head as it arrives */
#define GATE_OUT_MAX	8192	/* bytes of a head as Kore sees it */
#define GATE_LINES_MAX	64	/* header lines as they arrive */
#define GATE_TARGET_MAX	1900	/* Kore's HTTP_URI_LEN is 2000 */

/* Any other answer of gate_parse() is the HTTP status to refuse with. */
enum { GATE_MORE = 0, GATE_OK = 1 };

struct gate_head {
	size_t		 in_len;	/* bytes of the head, with its CRLFs */
	size_t		 out_len;	/* bytes written to out */
	uint64_t	 body_len;	/* Content-Length; 0: no body follows */
	bool		 expect;	/* waits for 100 (Continue) */
	char		 method[8];	/* "" until the request line was read */
	const char	*target;	/* inside in, target_len bytes */
	size_t		 target_len;
	const char	*host;		/* inside in, host_len bytes */
	size_t		 host_len;
};

/* in: the bytes so far; out: the rewritten head, at most cap bytes. */
int	gate_parse(const char *in, size_t len, char *out, size_t cap,
	    struct gate_head *h);
/* A header field name (RFC 9110 section 5.6.2) of n bytes, n > 0? */
bool	gate_token(const char *s, size_t n);

#endif
