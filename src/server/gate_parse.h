/*
 * A strict parser of one HTTP/1.x request head (RFC 9112). It rewrites the
 * head to the few header lines that Kore receives. It has no state.
 *
 * It rejects bodies of GET, HEAD, DELETE and OPTIONS, any Transfer-Encoding,
 * a repeated or malformed Content-Length, folded lines, bare CR or LF, NUL and
 * control bytes, a missing, repeated or malformed Host, and absolute targets.
 */
#ifndef SERVER_GATE_PARSE_H
#define SERVER_GATE_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GATE_HEAD_MAX	16384	/* bytes of a received head */
#define GATE_OUT_MAX	8192	/* bytes of a rewritten head */
#define GATE_LINES_MAX	64	/* received header lines */
#define GATE_TARGET_MAX	1900	/* Kore's HTTP_URI_LEN is 2000 */

/* Results of gate_parse(): the head is incomplete, or complete. Any other
 * result is the HTTP status to refuse the request with. */
enum { GATE_MORE = 0, GATE_OK = 1 };

struct gate_head {
	size_t		 in_len;	/* bytes of the head, with its CRLFs */
	size_t		 out_len;	/* bytes written to out */
	uint64_t	 body_len;	/* Content-Length; 0: no body */
	bool		 expect;	/* expects 100 (Continue) */
	char		 method[8];	/* "" before the request line */
	const char	*target;	/* inside in, target_len bytes */
	size_t		 target_len;
	const char	*host;		/* inside in, host_len bytes */
	size_t		 host_len;
};

/* Parses the len bytes received so far. Writes the rewritten head, at most cap
 * bytes, to out. h points into in. */
int	gate_parse(const char *in, size_t len, char *out, size_t cap,
	    struct gate_head *h);
/* Returns whether s is a token (RFC 9110 section 5.6.2), such as the name of a
 * header field. */
bool	gate_token(const char *s, size_t n);

#endif
