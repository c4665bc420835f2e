/*
 * The outbox of mail, emptied on a thread of its own: a server that is slow
 * or away holds up nothing else. Knows no business: kinds of mail are the
 * SQL's and the templates'.
 */
#ifndef JOBS_POST_H
#define JOBS_POST_H

#include "base/settings.h"

struct post;

/* What is wrong with the settings of mail, a sentence; or NULL. Once, before
 * any thread. */
const char	*post_problem(const struct settings *);
/* Starts the thread; settings are borrowed. */
struct post	*post_start(const struct settings *);
/* Ends it; a mail half sent is given up, for others to send again. */
void		 post_stop(struct post *);

#endif
