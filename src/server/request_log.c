/* The line of a request in the log, see request_log.h. */
#include <sys/types.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/network.h"
#include "server/health.h"
#include "server/request.h"

#define GONE	499	/* as nginx has it */

/* Copies the network of an address, "-" for a text that is none. */
static void
network_copy(struct request_log *l, const char *address)
{
	struct arena	 a = { 0 };
	const char	*network = network_of(&a, address);

	snprintf(l->network, sizeof(l->network), "%s",
	    network == address ? "-" : network);
	arena_dispose(&a);
}

static void
method_copy(struct request_log *l, const char *method)
{
	static const char *const	known[] = { "GET", "HEAD", "POST",
	    "PUT", "PATCH", "DELETE", "OPTIONS" };
	size_t				i;

	strcpy(l->method, "-");
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i], method) == 0)
			strcpy(l->method, known[i]);
}

void
request_log_begin(struct request_log *l, const struct request *r)
{
	const struct ctx	*c = &r->ctx;
	const struct person	*p = c->person;

	l->silent = c->route != NULL && (c->route->handler == health_live ||
	    c->route->handler == health_ready);
	snprintf(l->id, sizeof(l->id), "%s", c->request_id);
	method_copy(l, http_method_text(r->kore->method));
	network_copy(l, c->address);
	snprintf(l->tenant, sizeof(l->tenant), "%s",
	    p == NULL ? "-" : p->tenant_id);
	snprintf(l->person, sizeof(l->person), "%s", p == NULL ? "-" : p->id);
	l->base = c->route == NULL ? "" : c->base;
	l->path = c->route == NULL ? "-" : c->route->path;
	l->status = r->status;
	l->times = r->times;
	l->sending = clock_mono_us();
}

void
request_log_end(const struct request_log *l, uint64_t bytes, bool complete)
{
	const struct request_times	*t = &l->times;
	int64_t				 now = clock_mono_us();
	struct log_line			 line;
	char				 route[128];

	if (l->silent)
		return;
	snprintf(route, sizeof(route), "%s%s", l->base, l->path);
	log_begin(&line, LEVEL_INFO, "access");
	log_text(&line, "request", l->id);
	log_text(&line, "method", l->method);
	log_text(&line, "route", route);
	log_number(&line, "status", l->status);
	log_number(&line, "bytes", (int64_t)bytes);
	log_text(&line, "complete", complete ? "yes" : "no");
	log_duration(&line, "waiting_ms", t->waiting);
	log_duration(&line, "database_ms", t->database);
	log_duration(&line, "work_ms", t->work);
	log_duration(&line, "stream_ms", now - l->sending);
	log_duration(&line, "total_ms", now - t->started);
	log_text(&line, "network", l->network);
	log_text(&line, "tenant", l->tenant);
	log_text(&line, "person", l->person);
	log_end(&line);
}

void
request_log_gone(struct request *r)
{
	struct request_log	l;
	struct db_times		times;

	if (r->ask != NULL) {
		times = db_times(r->ask);
		r->times.waiting += times.waiting;
		r->times.database += times.running;
	}
	if (r->work != NULL)
		r->times.work += clock_mono_us() - r->work_since;
	if (!r->replied)
		r->status = GONE;
	request_log_begin(&l, r);
	request_log_end(&l, 0, false);
}

void
request_log_refused(const char *address, const char *method, int status,
    uint64_t bytes)
{
	struct request_log	l = { .base = "", .path = "-" };

	strcpy(l.id, "-");
	method_copy(&l, method);
	network_copy(&l, address);
	strcpy(l.tenant, "-");
	strcpy(l.person, "-");
	l.status = status;
	l.sending = l.times.started = clock_mono_us();
	request_log_end(&l, bytes, true);
}
