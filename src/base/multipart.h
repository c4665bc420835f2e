/*
 * Forms with files: multipart/form-data (RFC 7578).
 */
#ifndef BASE_MULTIPART_H
#define BASE_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/params.h"

/* Returns whether a Content-Type is multipart/form-data. */
bool		 multipart_type(const char *type);
/*
 * Reads n bytes of a body with this Content-Type like params_parse(); all
 * memory comes from the arena. The value of a file is its text in UTF-8, see
 * text_decode(); a file without bytes is no pair. Returns OK, or INVALID for a
 * body that is not well formed, text that is not UTF-8, a NUL, or more than
 * PARAMS_MAX pairs.
 */
enum result	 multipart_parse(struct params *, struct arena *,
		    const char *type, const char *body, size_t n);

#endif
