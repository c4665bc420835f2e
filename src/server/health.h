/* Health checks for load balancers and service managers. */
#ifndef SERVER_HEALTH_H
#define SERVER_HEALTH_H

#include "server/context.h"

/* GET /healthz: replies 200. */
void	health_live(struct ctx *);
/* GET /readyz: replies 200 when the worker does not drain, the database has
 * answered and has the functions of this binary, and all parts are well.
 * Otherwise replies 503 with one word: draining, database, schema, or the name
 * of a part. */
void	health_ready(struct ctx *);
/* Sets the state of a part, whose name is kept. */
void	health_set(const char *what, bool well);

#endif
