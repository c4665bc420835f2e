/* Health checks; see health.h. */
#include "server/drain.h"
#include "server/health.h"
#include "server/reply.h"

#define TEXT	"text/plain; charset=utf-8"

void
health_live(struct ctx *c)
{
	reply_bytes(c, 200, TEXT, "ok\n", 3);
}

void
health_ready(struct ctx *c)
{
	if (draining())
		reply_bytes(c, 503, TEXT, "draining\n", 9);
	else if (!db_up())
		reply_bytes(c, 503, TEXT, "database away\n", 14);
	else
		reply_bytes(c, 200, TEXT, "ready\n", 6);
}
