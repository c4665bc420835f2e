/*
 * A strict parser of one HTTP/1.x request head (RFC 9112). It rewrites the
 * head to the few header lines that Kore receives. It has no state.
 *
 * It rejects bodies of GET, HEAD, DELETE and OPTIONS, any Transfer-Encoding
 * except "chunked" from a trusted proxy, a repeated or malformed
 * Content-Length, folded lines, bare CR or LF, NUL and control bytes, a
 * missing, repeated or malformed Host, and absolute targets.
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
#define GATE_FORWARDING_MAX	8	/* lines of Forwarded and alike */
#define GATE_ID_MAX	64	/* bytes of an X-Request-Id */

/* Results of gate_parse(): the head is incomplete, or complete. Any other
 * result is the HTTP status to refuse the request with. */
enum { GATE_MORE = 0, GATE_OK = 1 };

struct gate_text {
	const char	*s;		/* not NUL-terminated */
	size_t		 n;
};

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
	bool		 chunked;	/* the length is not known yet */
	char		 request_id[GATE_ID_MAX + 1]; /* "": none, invalid */
	/* Forwarded and X-Forwarded-For, not checked; inside in. The count may
	 * be larger than the list. */
	struct {
		struct gate_text	value;
		bool			legacy;	/* X-Forwarded-For */
	}		 forwarding[GATE_FORWARDING_MAX];
	size_t		 forwarding_count;
};

/* Parses the len bytes received so far. Writes the rewritten head, at most cap
 * bytes, to out. h points into in. proxied: a trusted proxy sent them, which
 * may use chunked bodies. */
int	gate_parse(const char *in, size_t len, bool proxied, char *out,
	    size_t cap, struct gate_head *h);
/* Returns whether s is a token (RFC 9110 section 5.6.2), such as the name of a
 * header field. */
bool	gate_token(const char *s, size_t n);

#endif
