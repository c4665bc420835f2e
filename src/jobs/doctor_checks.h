/* The checks of `smartrecord doctor`: each adds lines. */
#ifndef JOBS_DOCTOR_CHECKS_H
#define JOBS_DOCTOR_CHECKS_H

#include "jobs/doctor_lines.h"

void	doctor_database(struct doctor *);
void	doctor_machine(struct doctor *);

#endif
