/* Header fields of every reply, by Kore or by the gate. */
#ifndef SERVER_HEADERS_H
#define SERVER_HEADERS_H

struct header_field {
	const char	*name;
	const char	*value;
};

/* Value of Content-Security-Policy. reply.c may append hosts to its last
 * directive, form-action. */
#define CONTENT_SECURITY						\
	"default-src 'none'; script-src 'self'; style-src 'self'; "	\
	"img-src 'self'; media-src 'self'; connect-src 'self'; "	\
	"font-src 'self'; base-uri 'none'; frame-ancestors 'none'; "	\
	"require-trusted-types-for 'script'; form-action 'self'"

/* The last entry has the name NULL. Kore adds Strict-Transport-Security. */
extern const struct header_field	security_headers[];
/* Value of Date for now (RFC 9110 section 5.6.7), in a static buffer. */
const char	*header_date(void);

#endif
