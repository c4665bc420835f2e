/*
 * `smartrecord site retention`: how many days a site keeps its recordings.
 * Prints what another number would remove; with --apply changes it.
 */
#include "base/options.h"
#include "base/text.h"
#include "db/command.h"
#include "recordings/recordings.h"

int
site_retention(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	/* tenant, site, days, apply */
	const char		*params[4] = { NULL };
	bool			 apply = false;
	int64_t			 days;
	struct command_style	 style = { 0 };
	const struct option	 options[] = {
		{ .name = "--apply", .flag = &apply },
		{ .name = "--json", .flag = &style.json },
		{ .name = NULL }
	};

	if (!options_parse(verb, argc, argv, options, params, 3))
		return (2);
	if (!text_int64(params[2], 1, s->max_retention_days, &days))
		return (usage_error(verb, "DAYS go from 1 to %lld (setting "
		    "max_retention_days)",
		    (long long)s->max_retention_days));
	params[3] = apply ? "true" : "false";
	return (
	    db_command(s, SQL_RECORDINGS_SITE_RETENTION, params, 4, &style));
}
