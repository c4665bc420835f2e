/* The command `smartrecord doctor`. */
#include <stdio.h>
#include <string.h>

#include "base/options.h"
#include "jobs/doctor_checks.h"
#include "jobs/jobs.h"

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
