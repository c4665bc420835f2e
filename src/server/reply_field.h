/*
 * Header fields of replies. Wraps Kore's http_response_header() with the
 * linker's --wrap: a field with invalid bytes is logged and dropped.
 */
#ifndef SERVER_REPLY_FIELD_H
#define SERVER_REPLY_FIELD_H

struct http_request;

/* Adds a field, also when one of this name exists (Kore's function would
 * replace a first Set-Cookie). */
void	reply_field_add(struct http_request *, const char *name,
	    const char *value);

#endif
