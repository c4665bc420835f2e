/* `smartrecord operator create|list`: the telecom operators. */
#include <stddef.h>
#include <string.h>

#include "base/color.h"
#include "base/options.h"
#include "db/command.h"
#include "tenants/tenants.h"

#define PALEST	1.25	/* contrast with white below which nothing is seen */

/* 0: a brand can be made of it; else the usage error's status. */
static int
color_check(const struct verb *verb, const char *color)
{
	if (!color_valid(color))
		return (usage_error(verb, "'%s' is no colour like #1a7f37",
		    color));
	if (color_contrast(color, "#ffffff") < PALEST)
		return (usage_error(verb, "'%s' is too pale: a brand of this "
		    "colour could not be told from white", color));
	return (0);
}

static int
operator_create(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	/* key, name, host, colour, contact */
	const char		*params[5] = { NULL };
	struct command_style	 style = { 0 };
	const struct option	 options[] = {
		{ .name = "--name", .text = &params[1] },
		{ .name = "--host", .text = &params[2] },
		{ .name = "--color", .text = &params[3] },
		{ .name = "--contact", .text = &params[4] },
		{ .name = "--json", .flag = &style.json },
		{ .name = "--if-absent", .flag = &style.if_absent },
		{ .name = NULL }
	};

	if (!options_parse(verb, argc, argv, options, params, 1))
		return (2);
	if (!key_valid(params[0]))
		return (usage_error(verb, "'%s' is no key: " KEY_RULE,
		    params[0]));
	if (params[1] == NULL)
		return (usage_error(verb, "--name is missing"));
	if (params[3] != NULL && color_check(verb, params[3]) != 0)
		return (2);
	return (db_command(s, SQL_TENANTS_OPERATOR_CREATE, params, 5, &style));
}

static int
operator_list(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	struct command_style	style = { 0 };
	const struct option	options[] = {
		{ .name = "--json", .flag = &style.json },
		{ .name = NULL }
	};

	if (!options_parse(verb, argc, argv, options, NULL, 0))
		return (2);
	return (db_command(s, SQL_TENANTS_OPERATOR_LIST, NULL, 0, &style));
}

static const struct verb verbs[] = {
	{ "create", "operator create KEY --name NAME [--host HOST] "
	    "[--color #RRGGBB] [--contact E-MAIL] [--if-absent] [--json]",
	    operator_create },
	{ "list", "operator list [--json]", operator_list },
	{ NULL, NULL, NULL }
};

int
command_operator(const struct settings *s, int argc, char **argv)
{
	return (verb_run(verbs, s, argc, argv));
}
