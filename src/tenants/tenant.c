/* `smartrecord tenant create|list|set`: an operator's business customers. */
#include <stdio.h>
#include <string.h>

#include "base/options.h"
#include "db/command.h"
#include "tenants/tenants.h"

#define KEY_MAX	63

/* Splits "OPERATOR/KEY" into its two keys; false when one is not valid. */
static bool
split_keys(const char *word, char owner[KEY_MAX + 1], const char **key)
{
	const char	*slash = strchr(word, '/');

	if (slash == NULL || slash - word > KEY_MAX)
		return (false);
	snprintf(owner, KEY_MAX + 1, "%.*s", (int)(slash - word), word);
	*key = slash + 1;
	return (key_valid(owner) && key_valid(*key));
}

static int
tenant_create(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	char			 owner[KEY_MAX + 1];
	const char		*word;
	/* owner, key, name, time zone */
	const char		*params[4] = { owner, NULL, NULL,
				    "Europe/Paris" };
	struct command_style	 style = { 0 };
	const struct option	 options[] = {
		{ .name = "--name", .text = &params[2] },
		{ .name = "--time-zone", .text = &params[3] },
		{ .name = "--json", .flag = &style.json },
		{ .name = "--if-absent", .flag = &style.if_absent },
		{ .name = NULL }
	};

	if (!options_parse(verb, argc, argv, options, &word, 1))
		return (2);
	if (!split_keys(word, owner, &params[1]))
		return (usage_error(verb, "'%s' is not OPERATOR/KEY: "
		    KEY_RULE, word));
	if (params[2] == NULL)
		return (usage_error(verb, "--name is missing"));
	return (db_command(s, SQL_TENANTS_TENANT_CREATE, params, 4, &style));
}

static int
tenant_list(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	const char		*owner = NULL;
	struct command_style	 style = { 0 };
	const struct option	 options[] = {
		{ .name = "--operator", .text = &owner },
		{ .name = "--json", .flag = &style.json },
		{ .name = NULL }
	};

	if (!options_parse(verb, argc, argv, options, NULL, 0))
		return (2);
	return (db_command(s, SQL_TENANTS_TENANT_LIST, &owner, 1, &style));
}

static int
tenant_set(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	/* key, show listeners, contract holder's e-mail */
	const char		*params[3] = { NULL };
	struct command_style	 style = { 0 };
	const struct option	 options[] = {
		{ .name = "--show-listeners", .text = &params[1] },
		{ .name = "--contract-email", .text = &params[2] },
		{ .name = "--json", .flag = &style.json },
		{ .name = NULL }
	};

	if (!options_parse(verb, argc, argv, options, params, 1))
		return (2);
	if (params[1] == NULL && params[2] == NULL)
		return (usage_error(verb, "nothing to change was given"));
	if (params[1] != NULL && strcmp(params[1], "yes") != 0 &&
	    strcmp(params[1], "no") != 0)
		return (usage_error(verb, "--show-listeners is yes or no"));
	return (db_command(s, SQL_TENANTS_TENANT_SET, params, 3, &style));
}

static const struct verb verbs[] = {
	{ "create", "tenant create OPERATOR/KEY --name NAME "
	    "[--time-zone Europe/Paris] [--if-absent] [--json]",
	    tenant_create },
	{ "set", "tenant set TENANT [--show-listeners yes|no] "
	    "[--contract-email ADDRESS] [--json]",
	    tenant_set },
	{ "list", "tenant list [--operator OPERATOR] [--json]", tenant_list },
	{ NULL, NULL, NULL }
};

int
command_tenant(const struct settings *s, int argc, char **argv)
{
	return (verb_run(verbs, s, argc, argv));
}
