/*
 * Entity tags in conditions (RFC 9110 section 13.1). Pure.
 */
#ifndef BASE_ETAG_H
#define BASE_ETAG_H

#include <stdbool.h>

/* If-None-Match: "*", or a list that holds etag (quoted, strong), compared
 * weakly. NULL header: false. */
bool	etag_listed(const char *header, const char *etag);

#endif
