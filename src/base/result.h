/*
 * The few outcomes that cross module borders. One function, reply_result()
 * in server/reply.c, maps them to HTTP; nothing else does.
 */
#ifndef BASE_RESULT_H
#define BASE_RESULT_H

enum result {
	OK = 0,
	NOT_FOUND,	/* absent, expired or out of scope: never told apart */
	DENIED,		/* signed in, but the profile is missing */
	INVALID,	/* a field makes no sense */
	CONFLICT,	/* true a moment ago, not any more */
	BUSY,		/* a queue is full: try again soon */
	UNAVAILABLE,	/* the database or the store can't be reached */
	DAMAGED,	/* the stored object is lost or not what was recorded */
	FAILED		/* our fault */
};

#endif
