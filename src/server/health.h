/* Health checks for load balancers and service managers. */
#ifndef SERVER_HEALTH_H
#define SERVER_HEALTH_H

#include "server/context.h"

/* GET /healthz: replies 200. */
void	health_live(struct ctx *);
/* GET /readyz: replies 200 when the database is connected and the worker does
 * not drain, otherwise 503. */
void	health_ready(struct ctx *);

#endif
