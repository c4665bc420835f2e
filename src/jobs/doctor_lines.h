/*
 * `smartrecord doctor`: looks at an installation and says, line by line, what
 * is right, what is doubtful, what is wrong, and what to do.
 */
#ifndef JOBS_DOCTOR_LINES_H
#define JOBS_DOCTOR_LINES_H

#include <stdbool.h>

#include <jansson.h>

#include "base/settings.h"

enum health { HEALTH_OK, HEALTH_WARNING, HEALTH_FAULT };

struct doctor {
	const struct settings	*settings;
	bool			 serve, jobs, ingest, admin;	/* looked at */
	json_t			*lines;
	bool			 faults;
};

/* Adds a line: the subject, what to do ("": nothing), what is the case. */
void	doctor_say(struct doctor *, enum health, const char *subject,
	    const char *advice, const char *fmt, ...)
	    __attribute__((format(printf, 5, 6)));
/* Prints them as text or JSON. */
void	doctor_print(const struct doctor *, bool json);

#endif
