/*
 * Results of public functions. Only reply_result() in server/reply.c maps
 * them to HTTP statuses.
 */
#ifndef BASE_RESULT_H
#define BASE_RESULT_H

enum result {
	OK = 0,
	NOT_FOUND,	/* absent, expired or out of scope, all the same */
	DENIED,		/* the account lacks the right */
	INVALID,	/* a field of the request has an invalid value */
	CONFLICT,	/* the request does not fit the current state */
	BUSY,		/* a queue is full; the client may retry */
	CROWDED,	/* the customer, or the stranger's network, has as much
			 * in progress as it may; the client may retry */
	UNAVAILABLE,	/* the database or the store is unreachable */
	TOO_SLOW,	/* a search took longer than it may */
	DAMAGED,	/* the stored object is missing or corrupt */
	FAILED		/* internal error */
};

#endif
