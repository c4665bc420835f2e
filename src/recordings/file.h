/*
 * Files of one recording on their way out: which bytes of them are wanted,
 * what they are called. For the handlers of sound, transcript and archive.
 */
#ifndef RECORDINGS_FILE_H
#define RECORDINGS_FILE_H

#include "server/reply.h"

struct file {
	const char	*type;		/* "audio/mpeg" */
	const char	*etag;		/* strong */
	int64_t		 length;
	const char	*disposition;	/* a header's value */
	int64_t		 until_ms;	/* when the recording expires */
};

struct part {
	int		 status;	/* 200 or 206 */
	int64_t		 first, last;
};

/* Answers conditions and impossible ranges; true: part is to be sent. */
bool	file_begin(struct ctx *, const struct file *, struct part *);
/* Sends the part of it that source produces. At the instant of expiry no
 * more is sent: the connection is cut, so that nobody takes what came for
 * the whole. */
void	file_send(struct ctx *, const struct file *, const struct part *,
	    const struct stream_source *);

/* The language of a file: ?lang=, else the API's Accept-Language, else the
 * reader's. false: replied 400. */
bool	file_lang(struct ctx *, enum lang *);
/* A view of the reader's for present_…(), in that language; what it points
 * to is in the arena. */
struct view file_view(struct ctx *, enum lang);

#endif
