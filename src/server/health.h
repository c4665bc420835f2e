/* For load balancers and service managers. */
#ifndef SERVER_HEALTH_H
#define SERVER_HEALTH_H

#include "server/context.h"

/* 200 while the process serves. */
void	health_live(struct ctx *);
/* 200 while it can do its work: database reached, not draining. Else 503. */
void	health_ready(struct ctx *);

#endif
