/*
 * Sends files, whole or in part: conditional requests, ranges, and the header
 * fields of both.
 */
#ifndef SERVER_FILE_H
#define SERVER_FILE_H

#include "server/reply.h"

struct file {
	enum sql	 watched;	/* rights query; see watch.h */
	const char	*type;		/* "audio/mpeg" */
	const char	*etag;		/* strong */
	int64_t		 length;
	const char	*disposition;	/* value of Content-Disposition */
	const char	*no_such_part;	/* detail of 416, in French */
	int64_t		 until_ms;	/* sending stops at this instant */
};

struct part {
	int		 status;	/* 200 or 206 */
	int64_t		 first, last;
};

/* Evaluates conditions and the range. Returns true and sets part to what must
 * be sent, or false after it replied 304 or 416. */
bool	file_begin(struct ctx *, const struct file *, struct part *);
/* Sends the part, which source produces. The request must have a session. At
 * until_ms, or when the person loses the right to the file, closes the
 * connection, so that the client detects an incomplete file. */
void	file_send(struct ctx *, const struct file *, const struct part *,
	    const struct stream_source *);

#endif
