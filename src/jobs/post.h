/*
 * Sends the mail of the outbox on a thread of its own, so that a slow mail
 * server delays nothing else. The SQL and the templates define the kinds of
 * mail.
 */
#ifndef JOBS_POST_H
#define JOBS_POST_H

#include "base/settings.h"

struct post;

/*
 * Returns what is wrong with the settings of mail, or NULL. Must be called
 * once, before any thread starts.
 */
const char	*post_problem(const struct settings *);
/* Starts the thread; settings are borrowed. */
struct post	*post_start(const struct settings *);
/* Ends the thread; aborts a mail being sent, which is sent again later. */
void		 post_stop(struct post *);

#endif
