/*
 * Entity tags in conditional requests (RFC 9110 section 13.1).
 */
#ifndef BASE_ETAG_H
#define BASE_ETAG_H

#include <stdbool.h>

/* Evaluates If-None-Match. Returns true when the header is "*" or lists etag
 * (a strong tag, with its quotes) by weak comparison; false when it is NULL. */
bool	etag_listed(const char *header, const char *etag);

#endif
