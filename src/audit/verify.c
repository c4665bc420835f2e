/*
 * `smartrecord verify-audit`: the database examines the access logs, see
 * verify.sql; this file prints what it found, one line per problem, or JSON.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "base/options.h"
#include "db/command.h"

struct wanted {
	const char	*tenant;	/* NULL: all */
	bool		 json;
};

static long long
count(const json_t *log, const char *name)
{
	return (json_integer_value(json_object_get(log, name)));
}

/* Prints the state of one tenant's log; returns true when it is intact. */
static bool
print_log(const json_t *log)
{
	const char	*head = json_string_value(json_object_get(log,
			    "head"));
	const char	*tenant = json_string_value(json_object_get(log,
			    "tenant"));
	json_t		*problems = json_object_get(log, "problems"), *text;
	size_t		 i;

	printf("%s: %lld rows in %lld batches, %lld not sealed yet, head %s: "
	    "%s\n", tenant, count(log, "rows"), count(log, "batches"),
	    count(log, "unsealed"), head == NULL ? "none" : head,
	    json_array_size(problems) == 0 ? "intact" : "NOT INTACT");
	json_array_foreach(problems, i, text)
		printf("%s: %s\n", tenant, json_string_value(text));
	return (json_array_size(problems) == 0);
}

/* Prints all logs. Returns the exit status: 0 when all are intact, else 1. */
static int
print_logs(struct db_rows *rows, const void *arg)
{
	const struct wanted	*wanted = arg;
	json_t			*log, *all;
	int			 i, status = 0;

	if (wanted->tenant != NULL && db_count(rows) == 0) {
		fprintf(stderr, "smartrecord: there is no tenant %s\n",
		    wanted->tenant);
		return (1);
	}
	all = json_array();
	for (i = 0; i < db_count(rows); i++) {
		log = json_loads(db_value(rows, i, 0), 0, NULL);
		json_array_append_new(all, log);
		if (json_array_size(json_object_get(log, "problems")) > 0)
			status = 1;
		if (!wanted->json)
			(void)print_log(log);
	}
	if (wanted->json)
		json_dumpf(all, stdout, JSON_COMPACT);
	json_decref(all);
	return (status);
}

int
command_verify_audit(const struct settings *s, int argc, char **argv)
{
	static const struct verb	 usage = { .usage =
	    "verify-audit [TENANT [--head NUMBER:HASH]] [--json]" };
	struct wanted			 wanted = { NULL, false };
	const char			*head = "", *params[2];
	const struct option		 options[] = {
		{ .name = "--head", .text = &head },
		{ .name = "--json", .flag = &wanted.json },
		{ .name = NULL }
	};
	int				 words;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		printf("usage: smartrecord %s\n\n"
		    "Looks for rows of the access log that were altered, "
		    "dropped or swapped since\nthey were sealed, and prints "
		    "each log's head. Keep heads elsewhere: given back\nwith "
		    "--head, one proves that what was sealed until then is "
		    "all still there.\nExits 1 when something is wrong.\n",
		    usage.usage);
		return (0);
	}
	words = argc > 1 && argv[1][0] != '-';
	if (!options_parse(&usage, argc - 1, argv + 1, options, &wanted.tenant,
	    words))
		return (2);
	if (wanted.tenant == NULL && head[0] != '\0')
		return (usage_error(&usage, "--head is of one tenant's log"));
	params[0] = wanted.tenant;
	params[1] = head;
	return (db_ask_command(s, SQL_AUDIT_VERIFY, params, 2, print_logs,
	    &wanted));
}
