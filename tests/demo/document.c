/* Writes the document of a call for `smartrecord ingest`. */
#include <err.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "demo.h"

static const char *const kinds[] = {
	[E164] = "e164", [SHORT] = "short", [IDENTITY] = "identity",
	[WITHHELD] = "withheld"
};

static json_t	*party(const struct call *, enum speaker);
static json_t	*pauses(const struct call *);
static json_t	*utterances(const struct call *);
static json_t	*analysis(const struct call *);
static json_int_t ms_of(const struct call *, int64_t);
static void	 instant(int64_t, char *, size_t);

static json_int_t
ms_of(const struct call *call, int64_t samples)
{
	return (samples / (call->rate / 1000));
}

/* Formats an instant as in RFC 3339, in UTC. */
static void
instant(int64_t ms, char *out, size_t size)
{
	struct tm	 tm;
	time_t		 t;
	size_t		 n;

	t = (time_t)(ms / 1000);
	gmtime_r(&t, &tm);
	n = strftime(out, size, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, size - n, ".%03dZ", (int)(ms % 1000));
}

static json_t *
party(const struct call *call, enum speaker who)
{
	const struct account	*a;
	char			 name[256];

	a = call_party(call, who);
	if (a == NULL)
		return (json_pack("{s:s, s:s?, s:s?}", "kind",
		    kinds[call->kind], "value", call->value, "name",
		    call->name));
	snprintf(name, sizeof(name), "%s %s", a->first, a->last);
	return (json_pack("{s:s, s:s, s:s}", "kind", "identity", "value",
	    a->email, "name", trim(name)));
}

static json_t *
pauses(const struct call *call)
{
	const struct line	*l;
	json_t			*array;
	size_t			 i;

	array = json_array();
	for (i = 0; i < call->turns.n; i++) {
		l = &call->turns.line[i];
		if (l->kind == HOLD)
			json_array_append_new(array, json_pack("{s:I, s:I}",
			    "start_ms", ms_of(call, l->start),
			    "end_ms", ms_of(call, l->end)));
	}
	return (array);
}

static json_t *
utterances(const struct call *call)
{
	const struct line	*l;
	json_t			*array;
	size_t			 i;

	array = json_array();
	for (i = 0; i < call->turns.n; i++) {
		l = &call->turns.line[i];
		if (l->kind == SAY)
			json_array_append_new(array,
			    json_pack("{s:I, s:I, s:s, s:s}",
			    "start_ms", ms_of(call, l->start),
			    "end_ms", ms_of(call, l->end), "speaker",
			    l->speaker == CALLER ? "caller" : "callee",
			    "text", l->text));
	}
	return (array);
}

static json_t *
analysis(const struct call *call)
{
	char	*subject, *summary;
	json_t	*value;

	if (!call->has_analysis)
		return (json_null());
	subject = dialogue_fill(call, call->dialogue->subject);
	summary = dialogue_fill(call, call->dialogue->summary);
	value = json_pack("{s:s, s:s, s:s, s:o}", "mood",
	    call->dialogue->mood, "subject", subject, "summary", summary,
	    "utterances", utterances(call));
	free(subject);
	free(summary);
	return (value);
}

void
call_write_document(const struct call *call, const char *path,
    const char *audio)
{
	json_t	*document;
	char	 started[32];

	instant(call->started_ms, started, sizeof(started));
	document = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:I, s:s, "
	    "s:s, s:o, s:o, s:o}", "tenant", call->account->tenant,
	    "source_id", call->source_id, "account", call->account->key,
	    "direction", call->dialogue->direction,
	    "caller", party(call, CALLER), "callee", party(call, CALLEE),
	    "started_at", started, "duration_ms", ms_of(call, call->samples),
	    "mode", call->account->mode, "language", "fr",
	    "pauses", pauses(call),
	    "audio", call->has_audio ? json_pack("{s:s}", "file", audio) :
	    json_null(), "analysis", analysis(call));
	if (document == NULL)
		errx(1, "%s: a text is not UTF-8", path);
	if (json_dump_file(document, path, JSON_INDENT(1)) == -1)
		err(1, "%s", path);
	json_decref(document);
}
