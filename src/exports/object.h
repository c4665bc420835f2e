/*
 * An object of the store on its way to one client, as it is: blocks read by
 * the pool when the client is ready for them. Knows no HTTP.
 */
#ifndef EXPORTS_OBJECT_H
#define EXPORTS_OBJECT_H

#include "server/reply.h"
#include "store/store.h"

/* A producer for reply_stream() of the bytes first..last of the object, which
 * it closes in the end. */
struct stream_source	object_source(const struct store_object *o,
			    int64_t first, int64_t last);

#endif
