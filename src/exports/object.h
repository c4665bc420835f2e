/*
 * Sends an object of the store to one client: the pool reads blocks when the
 * client is ready for them. Knows nothing of HTTP.
 */
#ifndef EXPORTS_OBJECT_H
#define EXPORTS_OBJECT_H

#include "server/reply.h"
#include "store/store.h"

/*
 * Returns a producer of the bytes first to last (inclusive) of the object, for
 * file_send(). It takes the open object over and closes it at the end. key says
 * whose turn its reading needs.
 */
struct stream_source	object_source(const struct store_object *o,
			    const struct fair_key *key, int64_t first,
			    int64_t last);

#endif
