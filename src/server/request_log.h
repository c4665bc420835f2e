/*
 * The event "access": one line per request, written when the reply was sent or
 * its connection has ended. Contains the pattern of the route, but no path and
 * no query, which may contain a telephone number or a searched word. Health
 * checks are not logged.
 */
#ifndef SERVER_REQUEST_LOG_H
#define SERVER_REQUEST_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* Where the time of a request goes, in microseconds. What is left of the total
 * is the program itself. */
struct request_times {
	int64_t	 started;	/* clock_mono_us() */
	int64_t	 waiting;	/* queries in the queue of the pool */
	int64_t	 database;	/* queries running */
	int64_t	 work;		/* on pool threads, with their queue */
};

/* What a line tells of a request, which may end before its stream. */
struct request_log {
	bool			 silent;	/* a health check */
	char			 id[65], method[8], network[64];
	char			 tenant[40], person[40];
	const char		*base, *path;	/* of the route; static */
	int			 status;
	struct request_times	 times;
	int64_t			 sending;	/* clock_mono_us() */
};

struct request;

/* Copies what is known when the reply begins to be sent. */
void	request_log_begin(struct request_log *, const struct request *);
/* Writes the line: how many bytes the body had so far, and whether that is all
 * of it. */
void	request_log_end(const struct request_log *, uint64_t bytes,
	    bool complete);
/* Writes the line of a request whose client disconnected before the reply:
 * status 499. */
void	request_log_gone(struct request *);
/* Writes the line of a request that the gate refused: it has no id, no route
 * and no times. */
void	request_log_refused(const char *address, const char *method,
	    int status, uint64_t bytes);

#endif
