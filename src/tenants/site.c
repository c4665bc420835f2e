/* `smartrecord site create|list|retention|service`: a tenant's sites. */
#include <string.h>

#include "base/options.h"
#include "base/text.h"
#include "db/command.h"
#include "recordings/recordings.h"
#include "tenants/tenants.h"

static int
site_create(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	/* tenant, key, name, retention, time zone */
	const char		*params[5] = { NULL, NULL, NULL, "30", NULL };
	int64_t			 days;
	struct command_style	 style = { 0 };
	const struct option	 options[] = {
		{ .name = "--name", .text = &params[2] },
		{ .name = "--retention-days", .text = &params[3] },
		{ .name = "--time-zone", .text = &params[4] },
		{ .name = "--json", .flag = &style.json },
		{ .name = "--if-absent", .flag = &style.if_absent },
		{ .name = NULL }
	};

	if (!options_parse(verb, argc, argv, options, params, 2))
		return (2);
	if (!key_valid(params[1]))
		return (usage_error(verb, "'%s' is no key: " KEY_RULE,
		    params[1]));
	if (params[2] == NULL)
		return (usage_error(verb, "--name is missing"));
	if (!text_int64(params[3], 1, s->max_retention_days, &days))
		return (usage_error(verb, "--retention-days goes from 1 to "
		    "%lld (setting max_retention_days)",
		    (long long)s->max_retention_days));
	return (db_command(s, SQL_TENANTS_SITE_CREATE, params, 5, &style));
}

static int
site_list(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	return (
	    db_command_words(s, verb, argc, argv, SQL_TENANTS_SITE_LIST, 1));
}

/* Switches the service on or off for a site. */
static int
site_service(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	/* tenant, site, on or off */
	const char		*params[3] = { NULL };
	struct command_style	 style = { 0 };
	const struct option	 options[] = {
		{ .name = "--json", .flag = &style.json },
		{ .name = NULL }
	};

	if (!options_parse(verb, argc, argv, options, params, 3))
		return (2);
	if (strcmp(params[2], "on") != 0 && strcmp(params[2], "off") != 0)
		return (usage_error(verb, "'%s' is neither on nor off",
		    params[2]));
	return (db_command(s, SQL_TENANTS_SITE_SERVICE, params, 3, &style));
}

static const struct verb verbs[] = {
	{ "create", "site create TENANT KEY --name NAME "
	    "[--retention-days 30] [--time-zone ZONE] [--if-absent] [--json]",
	    site_create },
	{ "list", "site list TENANT [--json]", site_list },
	{ "retention", "site retention TENANT SITE DAYS [--apply] [--json]",
	    site_retention },
	{ "service", "site service TENANT SITE on|off [--json]",
	    site_service },
	{ NULL, NULL, NULL }
};

int
command_site(const struct settings *s, int argc, char **argv)
{
	return (verb_run(verbs, s, argc, argv));
}
