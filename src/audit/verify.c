/* `smartrecord verify-audit`: what the database finds, said a line each. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "base/options.h"
#include "db/db.h"

static long long
count(const json_t *log, const char *name)
{
	return (json_integer_value(json_object_get(log, name)));
}

/* One customer's log; true: intact. */
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

/* Exit status. */
static int
print_logs(const struct db_rows *rows, bool json)
{
	json_t	*log, *all = json_array();
	int	 i, status = 0;

	for (i = 0; i < db_count(rows); i++) {
		log = json_loads(db_value(rows, i, 0), 0, NULL);
		json_array_append_new(all, log);
		if (json_array_size(json_object_get(log, "problems")) > 0)
			status = 1;
		if (!json)
			(void)print_log(log);
	}
	if (json)
		json_dumpf(all, stdout, JSON_COMPACT);
	json_decref(all);
	return (status);
}

static int
verify(const struct settings *s, const char *tenant, const char *head,
    bool json)
{
	const char	*params[2] = { tenant, head };
	struct db	*db;
	struct db_rows	*rows;
	char		*why = NULL;
	int		 status = 1;

	if ((db = db_open(s->database_admin, &why)) == NULL) {
		fprintf(stderr, "smartrecord: %s\n", why);
		free(why);
		return (1);
	}
	if (db_run(db, SQL_AUDIT_VERIFY, NULL, params, 2, &rows) != OK)
		fprintf(stderr, "smartrecord: the database can't be asked, "
		    "see its log\n");
	else if (tenant != NULL && db_count(rows) == 0)
		fprintf(stderr, "smartrecord: there is no tenant %s\n",
		    tenant);
	else
		status = print_logs(rows, json);
	db_rows_free(rows);
	db_close(db);
	return (status);
}

int
command_verify_audit(const struct settings *s, int argc, char **argv)
{
	static const struct verb	 usage = { .usage =
	    "verify-audit [TENANT [--head NUMBER:HASH]] [--json]" };
	const char			*tenant = NULL, *head = "";
	bool				 json = false;
	const struct option		 options[] = {
		{ .name = "--head", .text = &head },
		{ .name = "--json", .flag = &json },
		{ .name = NULL }
	};
	int				 words;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		printf("usage: smartrecord %s\n\n"
		    "Looks for rows of the access log that were altered, "
		    "dropped or swapped since they\nwere sealed, and prints "
		    "each log's head. Keep heads elsewhere: given back with\n"
		    "--head, one proves that what was sealed until then is "
		    "all still there. Exits 1\nwhen something is wrong.\n",
		    usage.usage);
		return (0);
	}
	words = argc > 1 && argv[1][0] != '-';
	if (!options_parse(&usage, argc - 1, argv + 1, options, &tenant,
	    words))
		return (2);
	if (tenant == NULL && head[0] != '\0')
		return (usage_error(&usage, "--head is of one tenant's log"));
	return (verify(s, tenant, head, json));
}
