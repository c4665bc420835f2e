/*
 * Header fields that every answer carries, whoever makes it.
 */
#ifndef SERVER_HEADERS_H
#define SERVER_HEADERS_H

struct header_field {
	const char	*name;
	const char	*value;
};

/* What pages may load, and last, where their forms may lead. */
#define CONTENT_SECURITY						\
	"default-src 'none'; script-src 'self'; style-src 'self'; "	\
	"img-src 'self'; media-src 'self'; connect-src 'self'; "	\
	"font-src 'self'; base-uri 'none'; frame-ancestors 'none'; "	\
	"require-trusted-types-for 'script'; form-action 'self'"

/* Ends with a NULL name. HSTS is missing: Kore sends it. */
extern const struct header_field	security_headers[];
/* Value of Date now (RFC 9110 section 5.6.7); static text. */
const char	*header_date(void);

#endif
