/* The command `smartrecord doctor`, and its lines; see doctor.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/options.h"
#include "jobs/doctor.h"
#include "jobs/jobs.h"

void
doctor_say(struct doctor *d, enum health health, const char *subject,
    const char *advice, const char *fmt, ...)
{
	static const char *const words[] = { "ok", "warning", "FAULT" };
	va_list	ap;
	char	*what;

	va_start(ap, fmt);
	if (vasprintf(&what, fmt, ap) == -1)
		log_fatal("event=out_of_memory");
	va_end(ap);
	json_array_append_new(d->lines, json_pack("{s:s, s:s, s:s, s:s}",
	    "state", words[health], "subject", subject, "what", what, "do",
	    health == HEALTH_OK ? "" : advice));
	free(what);
	d->faults = d->faults || health == HEALTH_FAULT;
}

static const char *
line_text(const json_t *line, const char *name)
{
	return (json_string_value(json_object_get(line, name)));
}

static void
doctor_print(const struct doctor *d, bool json)
{
	json_t	*line;
	size_t	 i;

	if (json) {
		(void)json_dumpf(d->lines, stdout, JSON_INDENT(1));
		printf("\n");
		return;
	}
	json_array_foreach(d->lines, i, line) {
		printf("%-8s %s: %s", line_text(line, "state"),
		    line_text(line, "subject"), line_text(line, "what"));
		if (line_text(line, "do")[0] != '\0')
			printf(". %s", line_text(line, "do"));
		printf("\n");
	}
}

/* Sets what is looked at. Returns false for an unknown process. */
static bool
doctor_scope(struct doctor *d, const char *process)
{
	d->serve = process == NULL || strcmp(process, "serve") == 0;
	d->jobs = process == NULL || strcmp(process, "jobs") == 0;
	d->ingest = process == NULL || strcmp(process, "ingest") == 0;
	d->admin = process == NULL || strcmp(process, "admin") == 0;
	return (d->serve || d->jobs || d->ingest || d->admin);
}

int
command_doctor(const struct settings *s, int argc, char **argv)
{
	static const struct verb	usage = { .usage = "doctor "
	    "[--for serve|jobs|ingest|admin] [--json]" };
	const char			*process = NULL;
	struct doctor			 d = { .settings = s };
	bool				 json = false;
	const struct option		 options[] = {
		{ .name = "--for", .text = &process },
		{ .name = "--json", .flag = &json },
		{ .name = NULL }
	};

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		printf("usage: smartrecord %s\n\n"
		    "Looks at this installation: settings, database, disks, "
		    "certificates, mail.\nEach line says ok, warning or FAULT, "
		    "and what to do. --for looks at what\none process needs. "
		    "Ends with status 1 when there is a FAULT.\n",
		    usage.usage);
		return (0);
	}
	if (!options_parse(&usage, argc - 1, argv + 1, options, NULL, 0))
		return (2);
	if (!doctor_scope(&d, process))
		return (usage_error(&usage, "--for serve, jobs, ingest or "
		    "admin"));
	d.lines = json_array();
	doctor_machine(&d);
	doctor_database(&d);
	doctor_print(&d, json);
	json_decref(d.lines);
	return (d.faults ? 1 : 0);
}
