/*
 * Sends files; see file.h. Conditional requests and ranges are those of RFC
 * 9110, sections 13 and 14.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/etag.h"
#include "base/log.h"
#include "base/range.h"
#include "server/file.h"
#include "server/watch.h"

/* Parses Range. Ignores it for HEAD, and when If-Range does not match (RFC 9110
 * sections 13.1.5 and 14.2). */
static void
file_range(struct ctx *c, const struct file *f, struct range *r)
{
	const char	*if_range, *range;

	range = ctx_header(c, "range");
	if_range = ctx_header(c, "if-range");
	if (c->head || (if_range != NULL && strcmp(if_range, f->etag) != 0))
		range = NULL;
	range_parse(r, range, f->length);
}

static void
file_headers(struct ctx *c, const struct file *f)
{
	reply_header(c, "etag", f->etag);
	reply_header(c, "accept-ranges", "bytes");
}

bool
file_begin(struct ctx *c, const struct file *f, struct part *p)
{
	struct range	 r;

	file_range(c, f, &r);
	if (etag_listed(ctx_header(c, "if-none-match"), f->etag)) {
		file_headers(c, f);
		reply_bytes(c, 304, f->type, "", 0);
		return (false);
	}
	if (r.kind == RANGE_UNSATISFIABLE) {
		file_headers(c, f);
		reply_header(c, "content-range", arena_printf(&c->arena,
		    "bytes */%lld", (long long)f->length));
		reply_problem(c, 416, "range-not-satisfiable",
		    f->no_such_part);
		return (false);
	}
	p->status = r.kind == RANGE_PART ? 206 : 200;
	p->first = p->status == 206 ? r.first : 0;
	p->last = p->status == 206 ? r.last : f->length - 1;
	return (true);
}

/* A source that fails at an instant, or when the right to the file is lost. */
struct bounded {
	struct stream_source	 of;
	int64_t			 until_ms;
	struct watched		 watch;
};

static ssize_t
bounded_next(void *arg, void *buf, size_t cap)
{
	struct bounded	*b = arg;

	if (b->watch.over || clock_now_ms() >= b->until_ms)
		return (STREAM_FAIL);
	return (b->of.next(b->of.arg, buf, cap));
}

static void
bounded_started(void *arg, struct stream *stream)
{
	struct bounded	*b = arg;

	b->watch.stream = stream;
	if (b->of.started != NULL)
		b->of.started(b->of.arg, stream);
}

static void
bounded_done(void *arg, bool aborted)
{
	struct bounded	*b = arg;

	watch_end(&b->watch);
	b->of.done(b->of.arg, aborted);
	free(b);
}

static struct stream_source
bounded_source(struct ctx *c, const struct file *f,
    const struct stream_source *source)
{
	struct stream_source	 s = { bounded_next, bounded_done,
				    bounded_started, NULL };
	struct bounded		*b = malloc(sizeof(*b));

	if (b == NULL)
		log_fatal("event=out_of_memory");
	b->of = *source;
	b->until_ms = f->until_ms;
	watch_begin(&b->watch, c, f->watched);
	s.arg = b;
	return (s);
}

void
file_send(struct ctx *c, const struct file *f, const struct part *p,
    const struct stream_source *source)
{
	struct stream_source	 bounded = bounded_source(c, f, source);

	file_headers(c, f);
	reply_header(c, "content-type", f->type);
	reply_header(c, "content-disposition", f->disposition);
	if (p->status == 206)
		reply_header(c, "content-range", arena_printf(&c->arena,
		    "bytes %lld-%lld/%lld", (long long)p->first,
		    (long long)p->last, (long long)f->length));
	reply_stream(c, p->status, p->last - p->first + 1, &bounded);
}
