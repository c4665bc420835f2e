/* The loop of background work. */
#ifndef JOBS_JOBS_H
#define JOBS_JOBS_H

#include "base/settings.h"

/* Until SIGTERM or SIGINT. Any number may run on any node. */
int	command_jobs(const struct settings *, int argc, char **argv);

#endif
