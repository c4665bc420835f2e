/*
 * Files on their way out whole or in part: conditions, ranges, and the header
 * fields that tell of them.
 */
#ifndef SERVER_FILE_H
#define SERVER_FILE_H

#include "server/reply.h"

struct file {
	const char	*kind;		/* "recording", "export": see watch.h */
	const char	*type;		/* "audio/mpeg" */
	const char	*etag;		/* strong */
	int64_t		 length;
	const char	*disposition;	/* a header's value */
	const char	*no_such_part;	/* a French sentence */
	int64_t		 until_ms;	/* sent before this instant only */
};

struct part {
	int		 status;	/* 200 or 206 */
	int64_t		 first, last;
};

/* Answers conditions and impossible ranges; true: part is to be sent. */
bool	file_begin(struct ctx *, const struct file *, struct part *);
/* Sends the part of it that source produces, for whom a session asked. From
 * until_ms on, and once the reader may no longer have it, no more is sent: the
 * connection is cut, so that nobody takes what came for the whole. */
void	file_send(struct ctx *, const struct file *, const struct part *,
	    const struct stream_source *);

#endif
