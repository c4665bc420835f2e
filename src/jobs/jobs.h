/* Background work. */
#ifndef JOBS_JOBS_H
#define JOBS_JOBS_H

#include "base/settings.h"

/*
 * `smartrecord jobs [--trust-clock]`: runs until SIGTERM or SIGINT. Any number
 * may run, on any node. Returns the exit status.
 */
int	command_jobs(const struct settings *, int argc, char **argv);
/* `smartrecord doctor`: looks at the installation, see doctor_checks.h. */
int	command_doctor(const struct settings *, int argc, char **argv);

#endif
